using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Makes a job: one source, one target, one mapping, one scope.</summary>
/// <remarks>
/// <para>Makes a folder with job.json and mapping.json, which can be read, reviewed and kept in git, and which never hold a secret. The
/// mapping is the module's default from Entra to TravelPerk, unless another mapping is given. Making a job sends no request to
/// TravelPerk.</para>
/// <para>The source is Entra itself (-EntraApplication, or -EntitlementScope All for every user), read through Microsoft Graph over the
/// connection of Connect-EntraDirectory; or a directory file (-Source): CSV as the Entra admin center's "Download users" writes it, or JSON
/// or JSON Lines as Microsoft Graph returns users.</para>
/// </remarks>
/// <example>
/// <para>Make a job for the connected TravelPerk</para>
/// <code>New-ProvisioningJob ./contoso -Source ./users.csv</code>
/// <para>The job writes to the TravelPerk of the default connection. Invoke-Provisioning ./contoso -WhatIf shows its first cycle.</para>
/// </example>
/// <example>
/// <para>Make a job that reads Entra</para>
/// <code>Connect-EntraDirectory
/// New-ProvisioningJob ./contoso -EntraApplication TravelPerk</code>
/// <para>Provisions the users who are assigned to the enterprise application, directly or as a direct member of an assigned group.</para>
/// </example>
/// <example>
/// <para>Make a job with a mapping downloaded from Entra</para>
/// <code>$target = 'https://app.perk.com/api/v2/scim'
/// New-ProvisioningJob ./contoso -Source ./users.json -Target $target -Mapping ./schema.json</code>
/// <para>Uses the synchronization schema that "Review your schema" downloads.</para>
/// </example>
/// <example>
/// <para>Make a job like the job that Microsoft hosts</para>
/// <code>Get-EntraProvisioningJob TravelPerk | New-ProvisioningJob ./contoso
/// Compare-Provisioning ./contoso</code>
/// <para>The job has the schema, scope and limits of the hosted job. The comparison names the users that the two jobs would treat
/// differently.</para>
/// </example>
/// <seealso>Invoke-Provisioning</seealso>
/// <seealso>Set-ProvisioningJob</seealso>
/// <seealso>about_TravelPerkScim_Entra</seealso>
/// <seealso>about_TravelPerkScim_Provisioning</seealso>
[Cmdlet(VerbsCommon.New, "ProvisioningJob", DefaultParameterSetName = FileSet, SupportsShouldProcess = true, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningJob))]
public sealed class NewProvisioningJobCommand : AsyncCmdlet
{
    private const string FileSet = "File";
    private const string EntraSet = "Entra";
    private const string EveryoneSet = "Everyone";
    private const string HostedSet = "Hosted";

    private Uri? _connected;
    private EntraDirectoryConnection? _entra;

    /// <summary>The folder to make the job in.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The directory file. A relative path is relative to the current location, and is stored relative to the job's
    /// folder.</summary>
    [Parameter(ParameterSetName = FileSet, Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Source { get; set; } = "";

    /// <summary>The enterprise application whose assigned users are provisioned: its name, application id or object id, or what
    /// Get-EntraApplication found.</summary>
    [Parameter(ParameterSetName = EntraSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public EntraApplicationIdentity? EntraApplication { get; set; }

    /// <summary>The hosted job to copy, as Get-EntraProvisioningJob gives it. The new job gets its schema, scope, delete threshold, its
    /// setting for users who leave the scope, and its mail address for notifications. Mail is sent after Set-ProvisioningNotification has
    /// set a channel. The hosted job is not changed; pause it before the first cycle of the new job.</summary>
    [Parameter(ParameterSetName = HostedSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public EntraProvisioningJob? EntraProvisioningJob { get; set; }

    /// <summary>The entitled users: Assigned, which is the default, or All, every user in the tenant. Scoping filters apply after
    /// it.</summary>
    [Parameter(ParameterSetName = EntraSet)]
    [Parameter(ParameterSetName = EveryoneSet, Mandatory = true)]
    public EntitlementScope EntitlementScope { get; set; } = EntitlementScope.Assigned;

    /// <summary>Entitles members of groups inside assigned groups too. Entra's own service reads direct members only.</summary>
    [Parameter(ParameterSetName = EntraSet)]
    [Parameter(ParameterSetName = HostedSet)]
    public SwitchParameter IncludeNestedGroups { get; set; }

    /// <summary>The connection to Entra, as Connect-EntraDirectory -PassThru gives it. Without it, the default connection of this
    /// runspace.</summary>
    [Parameter(ParameterSetName = EntraSet)]
    [Parameter(ParameterSetName = EveryoneSet)]
    [Parameter(ParameterSetName = HostedSet)]
    [ValidateNotNull]
    public EntraDirectoryConnection? EntraConnection { get; set; }

    /// <summary>SCIM base URI to write to. Without it, the base URI of the connection.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(KnownValueCompleter))]
    public Uri? Target { get; set; }

    /// <summary>The connection whose TravelPerk the job writes to. Without it, the default connection of this runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    public TravelPerkConnection? Connection { get; set; }

    /// <summary>A synchronization schema to use as the mapping, as Entra's "Review your schema" downloads it. Default: the module's own
    /// mapping.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Mapping { get; set; }

    /// <summary>Disables and deletes allowed in one cycle; more are staged. Default 500.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int DeleteThreshold { get; set; } = 500;

    /// <summary>Disables and deletes allowed in one cycle, as a share of the linked users from 0 to 1. Default 0.25.</summary>
    [Parameter]
    [ValidateRange(0d, 1d)]
    public double DeleteThresholdShare { get; set; } = 0.25;

    /// <summary>Leaves users who left the scope unchanged instead of disabling them.</summary>
    [Parameter]
    public SwitchParameter SkipOutOfScopeDeletions { get; set; }

    /// <summary>The job keeps its state under this key in the shared database that Connect-ProvisioningStore and the worker's --store name:
    /// 1 to 100 letters, digits, '-', '_' and '.'. Without it, the state is a file in the job's folder. Move-ProvisioningJobState moves the
    /// state later.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? StateKey { get; set; }

    private protected override void Prepare()
    {
        _connected = RunspaceSession.Choose(Connection)?.BaseUri;
        _entra = RunspaceSession.Choose(EntraConnection);
        if (Target is not null)
            ScimClient.CheckBaseUri(Target);
    }

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        Uri target =
            Target
            ?? _connected
            ?? throw new CommandException(
                "TargetMissing",
                ErrorCategory.InvalidArgument,
                "The job was not made: the TravelPerk that it writes to is not known. "
                    + "Run Connect-TravelPerk first, or give -Target, such as https://app.perk.com/api/v2/scim."
            );
        string folder = await ResolvePathAsync(Path).ConfigureAwait(false);
        JobSource source = await DescribeSourceAsync(folder, cancellationToken).ConfigureAwait(false);
        SynchronizationSchema mapping = await ReadMappingAsync(cancellationToken).ConfigureAwait(false);
        ProvisioningJob.CheckMapping(mapping);
        if (!await ShouldProcessAsync(folder, "Make a provisioning job").ConfigureAwait(false))
            return;
        JobSettings settings = SettingsFor(source, target);
        var job = ProvisioningJob.Create(folder, settings, mapping);
        await WriteWarningAsync(ProvisioningNotification.Unused(job)).ConfigureAwait(false);
        await WriteObjectAsync(job).ConfigureAwait(false);
    }

    private Task<JobSource> DescribeSourceAsync(string folder, CancellationToken cancellationToken) =>
        ParameterSetName switch
        {
            FileSet => DescribeFileAsync(folder),
            HostedSet => Task.FromResult(EntraHostedJobs.Describe(EntraProvisioningJob!, IncludeNestedGroups)),
            _ => JobSources.DescribeAsync(EntraApplication, EntitlementScope, IncludeNestedGroups, _entra, cancellationToken),
        };

    private async Task<SynchronizationSchema> ReadMappingAsync(CancellationToken cancellationToken)
    {
        if (Mapping is not null)
            return MappingLocation.OfFile(await ResolvePathAsync(Mapping).ConfigureAwait(false)).Read();
        if (EntraProvisioningJob is null)
            return SynchronizationSchema.Default;
        EntraDirectoryConnection connection = RunspaceSession.Require(_entra);
        return await EntraSchemas.ReadAsync(connection, EntraProvisioningJob, template: false, cancellationToken).ConfigureAwait(false);
    }

    // A parameter wins over the setting of the hosted job.
    private JobSettings SettingsFor(JobSource source, Uri target)
    {
        int? hostedThreshold = IsGiven(nameof(DeleteThreshold)) ? null : EntraProvisioningJob?.DeleteThreshold;
        bool? hostedSkip = IsGiven(nameof(SkipOutOfScopeDeletions)) ? null : EntraProvisioningJob?.SkipOutOfScopeDeletions;
        return new JobSettings
        {
            Source = source,
            Target = target,
            DeleteThreshold = hostedThreshold ?? DeleteThreshold,
            DeleteThresholdShare = DeleteThresholdShare,
            SkipOutOfScopeDeletions = hostedSkip ?? SkipOutOfScopeDeletions,
            StateKey = StateKey,
            Notifications = NotificationsTo(EntraProvisioningJob?.NotificationEmail),
        };
    }

    // The recipients of the hosted job become recipients of this job. They get mail as soon as the job has a channel for mail.
    private static JobNotifications? NotificationsTo(string? addresses) =>
        addresses
            ?.Split([';', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(NotificationChannel.IsMailAddress)
            .ToArray()
            is { Length: > 0 } recipients
            ? new JobNotifications { Recipients = recipients }
            : null;

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private async Task<JobSource> DescribeFileAsync(string folder)
    {
        string source = await ResolvePathAsync(Source).ConfigureAwait(false);
        return File.Exists(source)
            ? JobSources.GivenFile(folder, source)
            : throw new CommandException(
                "SourceFileMissing",
                ErrorCategory.ObjectNotFound,
                $"There is no file '{source}'. "
                    + "Give a directory file with -Source: CSV from the Entra admin center, or JSON from Microsoft Graph."
            );
    }
}
