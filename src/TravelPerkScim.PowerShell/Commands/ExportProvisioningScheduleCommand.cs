using System.Management.Automation;
using System.Text;
using TravelPerkScim.Operations.Schedules;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Writes the files that have a job run somewhere else: a runbook, a pipeline, a container, another machine.</summary>
/// <remarks>
/// <para>AzureAutomation: a runbook that keeps the job's folder in a storage container, and a script that sets up runtime environment,
/// runbook and hourly schedule. GitHubActions and AzureDevOps: plan and drift every night as the summary of the run; they write nothing to
/// TravelPerk. KubernetesCronJob and Container: cycles in a container. Systemd, Cron and TaskScheduler: what Register-ProvisioningSchedule
/// registers, for a machine that is set up from files.</para>
/// <para>A job with a stateKey keeps its state in a shared database. Its files keep no folder and no volume: job.json and mapping.json are
/// only read, and the lease in the database keeps runs apart. A runbook, a pipeline and a container take the connection string from a
/// secret of their place. For Systemd, Cron and TaskScheduler, -StoreFile names the file with the connection string.</para>
/// <para>The files hold no secret. Each says in its first lines what it needs. docs/schedules.md has a page on each.</para>
/// </remarks>
/// <example>
/// <para>Run a job in Kubernetes</para>
/// <code>Export-ProvisioningSchedule ./contoso -Kind KubernetesCronJob -Destination ./deploy
/// Export-ProvisioningSchedule ./contoso -Kind Container -Destination ./deploy</code>
/// <para>Writes cronjob.yaml, and the Dockerfile of its image.</para>
/// </example>
/// <example>
/// <para>Show the plan every night</para>
/// <code>Export-ProvisioningSchedule ./contoso -Kind GitHubActions -Destination ./.github/workflows</code>
/// <para>Writes travelperk-drift.yml.</para>
/// </example>
/// <example>
/// <para>Set up a machine whose jobs are in a shared database</para>
/// <code>Export-ProvisioningSchedule ./contoso -Kind Systemd -Destination ./units -StoreFile /etc/travelperkscim/store</code>
/// <para>Writes a service and a timer. The runs read the connection string from that file.</para>
/// </example>
/// <seealso>Register-ProvisioningSchedule</seealso>
/// <seealso>about_TravelPerkScim_Unattended</seealso>
[Cmdlet(VerbsData.Export, "ProvisioningSchedule", SupportsShouldProcess = true, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(FileInfo))]
public sealed class ExportProvisioningScheduleCommand : JobCommand
{
    private string _powerShell = "";
    private string _script = "";

    /// <summary>What the files are for.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public ScheduleTarget Kind { get; set; }

    /// <summary>The folder that the files are written to; it is made when it is not there. Default: the current location.</summary>
    [Parameter(Position = 2)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>For a job whose state is shared, with Systemd, Cron or TaskScheduler: the file with the connection string of the database.
    /// The account of the schedule reads it at each run. Default: the file that this session is connected with.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? StoreFile { get; set; }

    /// <summary>Replaces files that are there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private bool IsForMachine => Kind is ScheduleTarget.Systemd or ScheduleTarget.Cron or ScheduleTarget.TaskScheduler;

    private protected override void Prepare()
    {
        if (StoreFile is not null && !IsForMachine)
        {
            throw new CommandException(
                "StoreFileNotUsed",
                ErrorCategory.InvalidArgument,
                $"-StoreFile is for Systemd, Cron and TaskScheduler. The files for {Kind} take the connection string from a secret of "
                    + "their place. Leave -StoreFile out."
            );
        }

        // A machine that is set up from files has pwsh where packages put it.
        _powerShell = PowerShellProgram.Find(SessionState.PSVariable.GetValue("PSHOME") as string) ?? "/usr/bin/pwsh";
        _script = Path.Combine(MyInvocation.MyCommand.Module.ModuleBase, "module", "Invoke-ScheduledJob.ps1");
    }

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        string folder = await ResolvePathAsync(Destination).ConfigureAwait(false);
        var scheduled = new ScheduledJob(job.Path, job.Settings.Schedule?.Interval ?? JobSchedule.DefaultInterval, _powerShell, _script)
        {
            IsShared = job.IsShared,
            Store = IsForMachine ? await StoreFileOfAsync(job, StoreFile, cancellationToken).ConfigureAwait(false) : null,
        };
        scheduled.Check();
        foreach ((string name, string text) in ScheduleExport.Files(Kind, scheduled))
        {
            string file = Path.Combine(folder, name);
            if (File.Exists(file) && !Force)
            {
                throw new CommandException(
                    "FileExists",
                    ErrorCategory.ResourceExists,
                    $"'{file}' is there already. Give -Force to replace it, or another -Destination."
                );
            }

            if (!await ShouldProcessAsync(file, $"Write the schedule of {job.Name} for {Kind}").ConfigureAwait(false))
                continue;
            Directory.CreateDirectory(folder);
            WholeFile.Write(file, Encoding.UTF8.GetBytes(text));
            await WriteObjectAsync(new FileInfo(file)).ConfigureAwait(false);
        }
    }
}
