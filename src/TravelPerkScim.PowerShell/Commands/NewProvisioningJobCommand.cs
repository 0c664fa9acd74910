using System.Management.Automation;
using TravelPerkScim.Mapping;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Makes a job: one source, one target, one mapping, one scope.</summary>
/// <remarks>
/// <para>Makes a folder with job.json and mapping.json, which can be read, reviewed and kept in git, and which never hold a secret. The mapping is the default one, Entra to TravelPerk, unless another is given. Making a job sends no request.</para>
/// <para>The source is a directory file: CSV as the Entra admin center's "Download users" writes it, or JSON or JSON Lines as Microsoft Graph returns users.</para>
/// </remarks>
/// <example>
/// <para>Make a job for the connected TravelPerk</para>
/// <code>New-ProvisioningJob ./contoso -Source ./users.csv</code>
/// <para>The job writes to the TravelPerk of the default connection. Invoke-Provisioning ./contoso -WhatIf shows its first cycle.</para>
/// </example>
/// <example>
/// <para>Make a job with a mapping downloaded from Entra</para>
/// <code>New-ProvisioningJob ./contoso -Source ./users.json -Target https://app.perk.com/api/v2/scim -Mapping ./schema.json</code>
/// <para>Uses the synchronization schema that "Review your schema" downloads.</para>
/// </example>
/// <seealso>Invoke-Provisioning</seealso>
/// <seealso>Set-ProvisioningJob</seealso>
/// <seealso>about_TravelPerkScim_Provisioning</seealso>
[Cmdlet(VerbsCommon.New, "ProvisioningJob", SupportsShouldProcess = true)]
[OutputType(typeof(ProvisioningJob))]
public sealed class NewProvisioningJobCommand : AsyncCmdlet
{
    private Uri? _connected;

    /// <summary>The folder to make the job in.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The directory file. It is kept as given: a relative path is relative to the current location now, and stored relative to the job's folder.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Source { get; set; } = "";

    /// <summary>SCIM base URI to write to. Without it, that of the connection.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(KnownValueCompleter))]
    public Uri? Target { get; set; }

    /// <summary>The connection whose TravelPerk the job writes to. Without it, the default connection of this runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    public TravelPerkConnection? Connection { get; set; }

    /// <summary>A synchronization schema to use as the mapping, as Entra's "Review your schema" downloads it. Default: the module's own.</summary>
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

    /// <summary>Leaves users who left the scope alone instead of disabling them.</summary>
    [Parameter]
    public SwitchParameter SkipOutOfScopeDeletions { get; set; }

    private protected override void Prepare()
    {
        _connected = (Connection ?? SessionHoldings.Current.Connection)?.BaseUri;
        if (Target is not null)
            ScimClient.CheckBaseUri(Target);
    }

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        Uri target = Target ?? _connected
            ?? throw new CommandException("TargetMissing", ErrorCategory.InvalidArgument, "Which TravelPerk the job writes to is not known. Run Connect-TravelPerk first, or give -Target, such as https://app.perk.com/api/v2/scim.");
        string folder = await ResolvePathAsync(Path).ConfigureAwait(false);
        string source = await ResolvePathAsync(Source).ConfigureAwait(false);
        if (!File.Exists(source))
            throw new CommandException("SourceFileMissing", ErrorCategory.ObjectNotFound, $"There is no file '{source}'. Give -Source the directory file: CSV from the Entra admin center, or JSON from Microsoft Graph.");
        SynchronizationSchema mapping = Mapping is null ? SynchronizationSchema.Default : await ReadMappingAsync(Mapping).ConfigureAwait(false);
        ProvisioningJob.CheckMapping(mapping);
        if (!await ShouldProcessAsync(folder, "Make a provisioning job").ConfigureAwait(false))
            return;
        var settings = new JobSettings
        {
            Source = new JobSource(JobSourceType.File, System.IO.Path.GetRelativePath(folder, source)),
            Target = target,
            DeleteThreshold = DeleteThreshold,
            DeleteThresholdShare = DeleteThresholdShare,
            SkipOutOfScopeDeletions = SkipOutOfScopeDeletions,
        };
        await WriteObjectAsync(ProvisioningJob.Create(folder, settings, mapping)).ConfigureAwait(false);
    }
}
