using System.Management.Automation;
using System.Security;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Changes settings of a job.</summary>
/// <remarks>
/// <para>Changes the settings that are given and leaves the others. Links and state are kept, also when the target changes: give -Target
/// when the same service has moved to another address. Links are ids of that service, and in another service they belong to other people.
/// Make a new job for another service.</para>
/// </remarks>
/// <example>
/// <para>Allow fewer departures in a cycle</para>
/// <code>Set-ProvisioningJob ./contoso -DeleteThreshold 20</code>
/// <para>From now on, a cycle that would disable or delete more than 20 users stages them.</para>
/// </example>
/// <example>
/// <para>Read another file</para>
/// <code>Set-ProvisioningJob ./contoso -Source ./users-monday.csv -PassThru</code>
/// <para>The next cycle reads this file, and the changed job is written.</para>
/// </example>
/// <example>
/// <para>Provision every user instead of the assigned users</para>
/// <code>Set-ProvisioningJob ./contoso -EntitlementScope All
/// Get-ProvisioningPlan ./contoso -Initial</code>
/// <para>Changes the scope of a job that reads Entra, and shows the plan.</para>
/// </example>
/// <example>
/// <para>Follow TravelPerk to its new host name</para>
/// <code>Set-ProvisioningJob ./contoso -Target https://app.perk.com/api/v2/scim</code>
/// <para>The job keeps its links: app.travelperk.com and app.perk.com are the same service.</para>
/// </example>
/// <example>
/// <para>Name the place of the API key</para>
/// <code>Set-ProvisioningJob ./contoso -SecretFrom File -SecretPath /run/secrets/travelperk
/// Set-ProvisioningJob ./contoso -SecretFrom Vault -SecretVault Automation -SecretName TravelPerk</code>
/// <para>The first job.json names a file, the second the secret of a SecretManagement vault. Neither holds the key.</para>
/// </example>
/// <example>
/// <para>Name the place of the client secret for Entra</para>
/// <code>$place = @{ SecretOf = 'Entra'; SecretFrom = 'Environment'; SecretName = 'ENTRA_CLIENT_SECRET' }
/// Set-ProvisioningJob ./contoso @place -ClientId 0d1f3a52-6c1c-4bb0-9d6a-0a4a53b4d6d1</code>
/// <para>Invoke-Provisioning -Scheduled signs in to the job's tenant as this application.</para>
/// </example>
/// <example>
/// <para>Get a notification before the API key runs out</para>
/// <code>Set-ProvisioningJob ./contoso -SecretExpires 2027-03-31</code>
/// <para>The job sends notifications 30, 7 and 1 days before, and when the key has run out.</para>
/// </example>
/// <seealso>New-ProvisioningJob</seealso>
/// <seealso>Start-ProvisioningJob</seealso>
/// <seealso>about_TravelPerkScim_Unattended</seealso>
[Cmdlet(VerbsCommon.Set, "ProvisioningJob", SupportsShouldProcess = true, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningJob))]
public sealed class SetProvisioningJobCommand : JobCommand
{
    private EntraDirectoryConnection? _entra;

    /// <summary>The directory file to read from now on.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Source { get; set; }

    /// <summary>The enterprise application to read from now on: its name, application id or object id, or what Get-EntraApplication
    /// found.</summary>
    [Parameter]
    [ValidateNotNull]
    public EntraApplicationIdentity? EntraApplication { get; set; }

    /// <summary>The entitled users of a job that reads Entra: Assigned or All.</summary>
    [Parameter]
    public EntitlementScope? EntitlementScope { get; set; }

    /// <summary>Whether members of groups inside assigned groups are entitled too.</summary>
    [Parameter]
    public bool? IncludeNestedGroups { get; set; }

    /// <summary>The connection to Entra, as Connect-EntraDirectory -PassThru gives it. Without it, the default connection of this
    /// runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    public EntraDirectoryConnection? EntraConnection { get; set; }

    /// <summary>SCIM base URI to write to.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(KnownValueCompleter))]
    public Uri? Target { get; set; }

    /// <summary>Disables and deletes allowed in one cycle; more are staged.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? DeleteThreshold { get; set; }

    /// <summary>Disables and deletes allowed in one cycle, as a share of the linked users from 0 to 1.</summary>
    [Parameter]
    [ValidateRange(0d, 1d)]
    public double? DeleteThresholdShare { get; set; }

    /// <summary>Whether users who left the scope stay unchanged instead of being disabled.</summary>
    [Parameter]
    public bool? SkipOutOfScopeDeletions { get; set; }

    /// <summary>Whether groups are provisioned too, where the source lists them and the target has them.</summary>
    [Parameter]
    public bool? ProvisionGroups { get; set; }

    /// <summary>The most requests at a time, 1 to 64. A job begins with 8, or with the number that it measured before. It sends more while
    /// TravelPerk answers as fast, and fewer while TravelPerk is overloaded.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int? Concurrency { get; set; }

    /// <summary>Days that log entries are kept.</summary>
    [Parameter]
    [ValidateRange(1, 3650)]
    public int? LogRetentionDays { get; set; }

    /// <summary>The kind of place that holds the secret. Environment needs -SecretName, File needs -SecretPath, and Vault needs -SecretName
    /// and -SecretVault. KeyVault needs the same two for Azure Key Vault, which is read with the managed or workload identity of the
    /// machine. Protected needs -SecretName: the protected store of this account on this machine, which is DPAPI, Keychain or Secret
    /// Service. With None, a person or script connects before. The command does not read the secret, and stores a secret with -Secret in
    /// the protected store only.</summary>
    [Parameter]
    [ValidateSet("Environment", "File", "Vault", "KeyVault", "Protected", "None")]
    public string? SecretFrom { get; set; }

    /// <summary>The service of the secret: TravelPerk, for its API key, which is the default; or Entra, for the client secret of the
    /// application that reads it.</summary>
    [Parameter]
    [ValidateSet("TravelPerk", "Entra")]
    public string SecretOf { get; set; } = "TravelPerk";

    /// <summary>Name of the environment variable, or of the secret in the vault.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SecretName { get; set; }

    /// <summary>The file that holds the secret and nothing else. It is kept as an absolute path, or as %CREDENTIALS_DIRECTORY%/name, the
    /// folder that systemd gives a unit with LoadCredential.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SecretPath { get; set; }

    /// <summary>Name of the SecretManagement vault; without it, the default vault. Of Azure Key Vault, its address, such as
    /// https://contoso.vault.azure.net.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SecretVault { get; set; }

    /// <summary>With -SecretFrom Protected: the secret itself, as Read-Host -AsSecureString gives it. The secret is kept only in the
    /// protected store of this account, and replaces a secret of the same name.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? Secret { get; set; }

    /// <summary>The application (client) id to which the secret belongs. -SecretOf Entra needs it. For TravelPerk, the place then holds the
    /// client secret of an OAuth application instead of an API key, and the worker is signed in once (--sign-in).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ClientId { get; set; }

    /// <summary>The day on which the secret runs out, UTC. The job sends notifications 30, 7 and 1 days before. Without -SecretFrom, the
    /// day is set for the place that the job already has. A new place without -SecretExpires has no day.</summary>
    [Parameter]
    public DateTime? SecretExpires { get; set; }

    /// <summary>Writes the job as it is after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Prepare()
    {
        _entra = RunspaceSession.Choose(EntraConnection);
        if (Source is not null && EntraApplication is not null)
        {
            throw new CommandException(
                "AmbiguousSource",
                ErrorCategory.InvalidArgument,
                "Give -Source or -EntraApplication, not both: a job reads a file or Entra."
            );
        }

        if (Target is not null)
            ScimClient.CheckBaseUri(Target);
        CheckSecret();
    }

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        JobSettings old = job.Settings;
        JobSettings changed = await ChangeAsync(job, old, cancellationToken).ConfigureAwait(false);
        string? moved = changed.Target == old.Target ? null : DescribeMove(job, changed.Target);
        string differences = Differences(old, changed);
        string question = $"Change the settings of the provisioning job ({differences})" + (moved is null ? "" : $". {moved}");
        if (differences.Length > 0 && await ShouldProcessAsync(job.Path, question).ConfigureAwait(false))
        {
            // The secret is stored first: a job whose place holds no secret could not run.
            if (Secret is not null)
                await new ProtectedSecrets().WriteAsync(PlaceOf(changed.Secrets)!, Secret, cancellationToken).ConfigureAwait(false);
            job.Save(changed, keepLinks: true);
            await WriteWarningAsync(moved).ConfigureAwait(false);
            if (SecretFrom == "File")
                await WriteWarningAsync(Missing(PlaceOf(changed.Secrets))).ConfigureAwait(false);
        }
        if (PassThru)
            await WriteObjectAsync(job).ConfigureAwait(false);
    }

    private async Task<JobSettings> ChangeAsync(ProvisioningJob job, JobSettings old, CancellationToken cancellationToken) =>
        old with
        {
            Source = await ChangeSourceAsync(job, old.Source, cancellationToken).ConfigureAwait(false),
            Target = Target ?? old.Target,
            DeleteThreshold = DeleteThreshold ?? old.DeleteThreshold,
            DeleteThresholdShare = DeleteThresholdShare ?? old.DeleteThresholdShare,
            SkipOutOfScopeDeletions = SkipOutOfScopeDeletions ?? old.SkipOutOfScopeDeletions,
            ProvisionGroups = ProvisionGroups ?? old.ProvisionGroups,
            Concurrency = Concurrency ?? old.Concurrency,
            LogRetentionDays = LogRetentionDays ?? old.LogRetentionDays,
            Secrets = await ChangeSecretsAsync(job, old.Secrets).ConfigureAwait(false),
        };

    private string Differences(JobSettings old, JobSettings changed)
    {
        string settings = changed == old ? "" : SettingsText.Difference(old, changed);
        if (Secret is null)
            return settings;
        return settings.Length == 0 ? "a new secret" : $"{settings}; a new secret";
    }

    private bool IsOfEntra => SecretOf == "Entra";

    private SecretPlace? PlaceOf(JobSecrets? secrets) => IsOfEntra ? secrets?.Entra : secrets?.TravelPerk;

    private void CheckSecret()
    {
        if (SecretFrom != "None")
            new GivenPlace("Secret", SecretFrom, SecretName, SecretPath, SecretVault).Check();
        if (FaultOfSecret() is { } fault)
            throw new CommandException("SecretPlaceIncomplete", ErrorCategory.InvalidArgument, fault);
    }

    private string? FaultOfSecret()
    {
        bool isOfApplication = ClientId is not null;
        if (isOfApplication && SecretFrom is null)
            return "The place of the secret is missing. Give -SecretFrom Environment, File, Vault or KeyVault.";
        if (Secret is not null && SecretFrom != "Protected")
            return "-Secret goes with -SecretFrom Protected only. Put the secret into any other place yourself, and name the place.";
        if (SecretFrom == "None" && SecretExpires is not null)
            return "With -SecretFrom None the job has no secret that could run out. Leave -SecretExpires out.";
        bool namesPlace = SecretFrom is not (null or "None");
        if (namesPlace && IsOfEntra && !isOfApplication)
            return "-SecretOf Entra needs -ClientId: the client secret belongs to an application.";
        return null;
    }

    private async Task<JobSecrets?> ChangeSecretsAsync(ProvisioningJob job, JobSecrets? old)
    {
        if (SecretFrom is null && SecretExpires is null)
            return old;
        SecretPlace? place = await ChangePlaceAsync(job, old).ConfigureAwait(false);
        if (place is not null && SecretExpires is { } day)
            place = place with { Expires = DateOnly.FromDateTime(day) };
        old ??= new JobSecrets();
        JobSecrets changed = IsOfEntra ? old with { Entra = place } : old with { TravelPerk = place };
        return changed == new JobSecrets() ? null : changed;
    }

    private async Task<SecretPlace?> ChangePlaceAsync(ProvisioningJob job, JobSecrets? old)
    {
        if (SecretFrom is null)
            return PlaceOf(old) ?? throw NoSecretPlace(job);
        if (SecretFrom == "None")
            return null;
        string? path = await LocatedAsync(SecretPath).ConfigureAwait(false);
        return new SecretPlace(Enum.Parse<SecretFrom>(SecretFrom), SecretName, path, SecretVault, ClientId);
    }

    private CommandException NoSecretPlace(ProvisioningJob job) =>
        new(
            "SecretPlaceIncomplete",
            ErrorCategory.InvalidArgument,
            $"The day was not set: the job '{job.Name}' names no place of a secret for {SecretOf}. Give -SecretFrom too."
        );

    // The file may come later, or be there for another account only: the job is set all the same.
    private static string? Missing(SecretPlace? place)
    {
        if (place?.Path is not { } path || SecretPlace.IsOfCredentials(path) || File.Exists(path))
            return null;
        return $"There is no file '{path}' yet, or this account cannot see it. A run without it fails. Put the secret into the file, "
            + "readable for the account that runs the job only.";
    }

    /// <summary>What happens to the links when the target changes; null without links.</summary>
    private static string? DescribeMove(ProvisioningJob job, Uri target)
    {
        if (ProvisioningStatus.Read(job).LinkedUsers is var links && links == 0)
            return null;
        string kept = FormattableString.Invariant($"The job keeps its {links} links to users of {job.Target} at the address {target}");
        return TravelPerkHosts.AreOneService(job.Target, target)
            ? $"{kept}: both are host names of the same TravelPerk."
            : $"{kept}, which is right only when both are the same service. "
                + "The next cycle verifies every linked user that it touches. See its plan first with Get-ProvisioningPlan. "
                + "For another service, make a new job.";
    }

    private async Task<JobSource> ChangeSourceAsync(ProvisioningJob job, JobSource old, CancellationToken cancellationToken)
    {
        if (Source is not null)
            return JobSources.GivenFile(job.Path, await ResolvePathAsync(Source).ConfigureAwait(false));
        EntitlementScope scope = EntitlementScope ?? old.Scope;
        bool nested = IncludeNestedGroups ?? old.IncludeNestedGroups;
        if (EntraApplication is not null)
            return await JobSources.DescribeAsync(EntraApplication, scope, nested, _entra, cancellationToken).ConfigureAwait(false);
        JobSource changed = old with { Scope = scope, IncludeNestedGroups = nested };
        if (changed != old && old.Type != JobSourceType.Entra)
        {
            throw new CommandException(
                "SourceNotEntra",
                ErrorCategory.InvalidOperation,
                $"The job '{job.Name}' reads a file, and every user in a file is entitled. Give -EntraApplication to read Entra."
            );
        }

        return changed is { Scope: Provisioning.Job.EntitlementScope.Assigned, Application: null, Type: JobSourceType.Entra }
            ? throw new CommandException(
                "EntraApplicationMissing",
                ErrorCategory.InvalidArgument,
                "The scope Assigned needs an enterprise application, and the job names none. Give -EntraApplication too."
            )
            : changed;
    }
}
