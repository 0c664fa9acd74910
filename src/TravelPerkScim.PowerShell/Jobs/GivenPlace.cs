using System.Management.Automation;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>The place of a secret as parameters of one prefix give it, such as -SecretFrom, -SecretName, -SecretPath and
/// -SecretVault.</summary>
/// <param name="Prefix">The prefix: Secret or Address.</param>
/// <param name="From">The kind of place; null when it is not given.</param>
/// <param name="Name">Name of the environment variable, or of the secret in the vault.</param>
/// <param name="Path">The file.</param>
/// <param name="Vault">The vault.</param>
internal sealed record GivenPlace(string Prefix, string? From, string? Name, string? Path, string? Vault)
{
    /// <exception cref="CommandException"><c>SecretPlaceIncomplete</c>, <c>SecretGivenAsText</c>. No message holds what was
    /// given.</exception>
    public void Check()
    {
        // A vault may be named by its address.
        if (new[] { From, Name, Path }.Any(IsSecret))
            throw AsText(Prefix);
        string? wrong = From switch
        {
            null when (Name ?? Path ?? Vault) is not null => $"Say where it is found: -{Prefix}From {Kinds}.",
            null => null,
            _ when Kind is null => $"-{Prefix}From is the kind of the place: {Kinds}.",
            _ when Kind == SecretFrom.Environment && (Name is null || (Path ?? Vault) is not null) =>
                $"An environment variable is named with -{Prefix}Name, and with nothing else.",
            _ when Kind == SecretFrom.File && (Path is null || (Name ?? Vault) is not null) =>
                $"A file is named with -{Prefix}Path, and with nothing else.",
            _ when Kind == SecretFrom.Vault && (Name is null || Path is not null) =>
                $"A secret in a vault is named with -{Prefix}Name and -{Prefix}Vault.",
            _ when Kind == SecretFrom.KeyVault
                    && (!KeyVaultAddress.IsSecretName(Name) || !KeyVaultAddress.TryParse(Vault, out _, out _) || Path is not null) =>
                $"A secret of Azure Key Vault is named with -{Prefix}Name and the vault's address: "
                    + $"-{Prefix}Vault https://contoso.vault.azure.net.",
            _ when Kind == SecretFrom.Protected && (!SecretPlace.IsStored(Name) || (Path ?? Vault) is not null) =>
                $"A secret of the protected store is named with -{Prefix}Name (letters, digits, '-' and '_'), and with nothing else.",
            _ => null,
        };
        if (wrong is not null)
            throw new CommandException("SecretPlaceIncomplete", ErrorCategory.InvalidArgument, wrong);
    }

    /// <summary>The place, with the file's path as it is to be kept.</summary>
    public SecretPlace? Place(string? path, string? clientId = null) =>
        Kind is { } kind ? new SecretPlace(kind, Name, path, Vault, clientId) : null;

    public static CommandException AsText(string prefix) =>
        new(
            "SecretGivenAsText",
            ErrorCategory.InvalidArgument,
            $"A secret was given as text, and text of a command stays in the history of the prompt and in scripts. "
                + $"job.json names its place instead. Put it into an environment variable of the account that "
                + $"runs the job, and give -{prefix}From Environment -{prefix}Name and the variable's name; "
                + $"or into a file that this account alone reads, with -{prefix}From File -{prefix}Path; "
                + $"or into a vault with Set-Secret, with -{prefix}From Vault -{prefix}Name. "
                + $"If others read this history, make a new one at its service first."
        );

    private static string Kinds => string.Join(", ", Enum.GetNames<SecretFrom>());

    private SecretFrom? Kind =>
        Enum.TryParse(From, ignoreCase: true, out SecretFrom kind) && Enum.IsDefined(kind) && !int.TryParse(From, out _) ? kind : null;

    private static bool IsSecret(string? text) =>
        text is not null && (text.Contains("://", StringComparison.Ordinal) || text.StartsWith("whsec_", StringComparison.Ordinal));
}
