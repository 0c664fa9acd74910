using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>Kinds of places that hold a secret.</summary>
public enum SecretFrom
{
    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>A file that holds the secret and nothing else, as containers and systemd provide it.</summary>
    File,

    /// <summary>A vault of Microsoft.PowerShell.SecretManagement.</summary>
    Vault,

    /// <summary>A vault of Azure Key Vault, read with the managed or workload identity of the machine.</summary>
    KeyVault,

    /// <summary>The protected store of the account on this machine: DPAPI on Windows, the Keychain on macOS, the Secret Service on
    /// Linux.</summary>
    Protected,
}

/// <summary>The place of a secret. It never holds the secret itself.</summary>
/// <param name="From">The kind of place.</param>
/// <param name="Name">Name of the environment variable, or of the secret in the vault.</param>
/// <param name="Path">The file: absolute, or beginning with <c>%CREDENTIALS_DIRECTORY%/</c>, the folder that systemd gives a unit with
/// LoadCredential.</param>
/// <param name="Vault">Name of the vault; null for the default vault. For a key vault, its address,
/// <c>https://name.vault.azure.net</c>.</param>
/// <param name="ClientId">The application to which the client secret belongs. For Entra: the application that reads. For TravelPerk: the
/// OAuth application; null for an API key.</param>
public sealed record SecretPlace(SecretFrom From, string? Name = null, string? Path = null, string? Vault = null, string? ClientId = null)
{
    /// <summary>The begin of a path in the folder of credentials that systemd gives a unit.</summary>
    public const string CredentialsFolder = "%CREDENTIALS_DIRECTORY%";

    /// <summary>The path is in the folder of credentials that systemd gives a unit. It is known only while the unit runs.</summary>
    public static bool IsOfCredentials([NotNullWhen(true)] string? path) =>
        path?.StartsWith(CredentialsFolder, StringComparison.Ordinal) == true;

    /// <summary>The day on which the secret runs out, UTC; null when it does not run out, or when the day is not known. The job's
    /// notifications tell of the day 30, 7 and 1 days before.</summary>
    public DateOnly? Expires { get; init; }

    /// <summary>The place in words, such as "the environment variable TRAVELPERK_API_KEY".</summary>
    public override string ToString() =>
        From switch
        {
            SecretFrom.Environment => $"the environment variable {Name}",
            SecretFrom.File => $"the file '{Path}'",
            SecretFrom.KeyVault => $"the secret '{Name}' of the key vault {Vault}",
            SecretFrom.Protected => $"the secret '{Name}' of the protected store of the account {System.Environment.UserName}",
            _ => $"the secret '{Name}' of {(Vault is null ? "the default vault" : $"the vault '{Vault}'")}",
        };

    internal void Validate(string setting, bool application, Action<bool, string, string> require)
    {
        require(
            IsComplete(),
            setting,
            "a place: from Environment with a name, from File with a path, from Vault with a name and a vault, "
                + "from Protected with a name of letters, digits, '-' and '_', "
                + "or from KeyVault with a name and the vault's address such as https://contoso.vault.azure.net"
        );
        if (application)
            require(ClientId is { Length: > 0 }, setting, "with the clientId of the application");
        else
            require(ClientId is null, setting, "without a clientId");
    }

    private bool IsComplete() =>
        this switch
        {
            { From: SecretFrom.Environment, Path: null, Vault: null } => IsName(Name),
            { From: SecretFrom.File, Name: null, Vault: null } => IsPath(Path),
            { From: SecretFrom.Vault, Path: null, Vault: not "" } => Name is { Length: > 0 },
            { From: SecretFrom.KeyVault, Path: null } => KeyVaultAddress.IsSecretName(Name)
                && KeyVaultAddress.TryParse(Vault, out _, out _),
            { From: SecretFrom.Protected, Path: null, Vault: null } => IsStored(Name),
            _ => false,
        };

    /// <summary>A name that every protected store can have. On Windows it is the name of a file.</summary>
    public static bool IsStored(string? name) => name is { Length: > 0 and <= 64 } && name.HasOnlyLettersDigitsOr("-_");

    private static bool IsPath(string? path) => path is { Length: > 0 } && !path.Contains('\0', StringComparison.Ordinal);

    private static bool IsName(string? name) => name is { Length: > 0 } && !name.AsSpan().ContainsAny('=', '\0');
}

/// <summary>The places of a job's secrets.</summary>
/// <param name="TravelPerk">The API key of TravelPerk, or the client secret of an OAuth application that an administrator authorized; null
/// when a person or script connects.</param>
/// <param name="Entra">The client secret of the application that reads Entra; null when a person or script connects.</param>
public sealed record JobSecrets(SecretPlace? TravelPerk = null, SecretPlace? Entra = null)
{
    /// <summary>The places in words.</summary>
    public override string ToString() =>
        string.Join(
            "; ",
            new[] { (What: "TravelPerk", Place: TravelPerk), (What: "Entra", Place: Entra) }
                .Where(secret => secret.Place is not null)
                .Select(secret => $"{secret.What}: {secret.Place}{Until(secret.Place!.Expires)}")
        );

    private static string Until(DateOnly? day) =>
        day is { } last ? $" until {last.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : "";

    internal void Validate(Action<bool, string, string> require)
    {
        TravelPerk?.Validate("secrets.travelPerk", application: TravelPerk.ClientId is not null, require);
        Entra?.Validate("secrets.entra", application: true, require);
    }
}
