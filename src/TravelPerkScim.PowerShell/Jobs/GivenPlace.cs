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
    /// <exception cref="CommandException"><c>SecretPlaceIncomplete</c>, <c>SecretGivenAsText</c>. No message holds a given
    /// value.</exception>
    public void Check()
    {
        // The vault is not checked, because its name may be an address.
        if (new[] { From, Name, Path }.OfType<string>().Any(IsSecret))
            throw AsText(Prefix);
        if (Fault() is { } fault)
            throw new CommandException("SecretPlaceIncomplete", ErrorCategory.InvalidArgument, fault);
    }

    private string? Fault()
    {
        if (From is null)
            return (Name ?? Path ?? Vault) is null ? null : $"The kind of the place is missing. Give -{Prefix}From {Kinds}.";
        return Kind switch
        {
            null => $"-{Prefix}From is not a kind of place. Give {Kinds}.",
            SecretFrom.Environment => Unless(IsNameAlone, $"An environment variable is named with -{Prefix}Name alone."),
            SecretFrom.File => Unless(Path is not null && (Name ?? Vault) is null, $"A file is named with -{Prefix}Path alone."),
            SecretFrom.Vault => Unless(
                Name is not null && Path is null,
                $"A secret in a vault is named with -{Prefix}Name and -{Prefix}Vault."
            ),
            SecretFrom.KeyVault => Unless(
                KeyVaultAddress.IsSecretName(Name) && KeyVaultAddress.TryParse(Vault, out _, out _) && Path is null,
                $"A secret of Azure Key Vault is named with -{Prefix}Name and the vault's address: "
                    + $"-{Prefix}Vault https://contoso.vault.azure.net."
            ),
            SecretFrom.Protected => Unless(
                IsNameAlone && SecretPlace.IsStored(Name),
                $"A secret of the protected store is named with -{Prefix}Name alone: letters, digits, '-' and '_'."
            ),
            _ => null,
        };
    }

    private bool IsNameAlone => Name is not null && (Path ?? Vault) is null;

    private static string? Unless(bool complete, string fault) => complete ? null : fault;

    /// <summary>The place, with the file's path as the job stores it.</summary>
    public SecretPlace? Place(string? path, string? clientId = null) =>
        Kind is { } kind ? new SecretPlace(kind, Name, path, Vault, clientId) : null;

    public static CommandException AsText(string prefix) =>
        new(
            "SecretGivenAsText",
            ErrorCategory.InvalidArgument,
            "A secret was given as text, and text stays in the history of the prompt and in scripts. "
                + "job.json names the place of the secret instead. Put the secret into one of these places, and name the place: "
                + "an environment variable of the account that runs the job, "
                + $"with -{prefix}From Environment -{prefix}Name and the variable's name; "
                + $"a file that this account alone reads, with -{prefix}From File -{prefix}Path; "
                + $"a vault, with Set-Secret and -{prefix}From Vault -{prefix}Name. "
                + "If other people read this history, make a new secret at its service first."
        );

    private static string Kinds => string.Join(", ", Enum.GetNames<SecretFrom>());

    private SecretFrom? Kind =>
        Enum.TryParse(From, ignoreCase: true, out SecretFrom kind) && Enum.IsDefined(kind) && !int.TryParse(From, out _) ? kind : null;

    private static bool IsSecret(string text) =>
        text.Contains("://", StringComparison.Ordinal) || text.StartsWith("whsec_", StringComparison.Ordinal);
}
