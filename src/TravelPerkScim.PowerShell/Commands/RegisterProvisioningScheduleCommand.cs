using System.Management.Automation;
using TravelPerkScim.Operations.Schedules;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Has this machine run a job's cycles.</summary>
/// <remarks>
/// <para>Registers a timer of systemd, a line in the crontab, or a task of the Task Scheduler. It runs every ten minutes, or more often for
/// a shorter interval, and begins a cycle when one is due: the interval itself stays in job.json, where Start-ProvisioningJob writes
/// it.</para>
/// <para>The schedule belongs to the account that registers it. Root registers a timer of the system. A timer of another account runs while
/// that account is logged in, or always after: loginctl enable-linger.</para>
/// <para>The job has to be started, and has to say where its API key is found. An environment variable of this session is not one of the
/// scheduler's: name a file (Set-ProvisioningJob -SecretFrom File), or let systemd hand it on with -CredentialFile.</para>
/// <para>A job with a stateKey keeps its state in a shared database, which job.json never names. The schedule names the file with the
/// connection string: the one of -StoreFile, or the one that this session is connected with (Connect-ProvisioningStore -Path).</para>
/// <para>A job whose target is not TravelPerk's own, such as a sandbox, needs -AllowTarget. The address stays in the scheduler's command
/// line; job.json alone never chooses where a key is sent.</para>
/// <para>Run it again after an update of the module, which moves the script that the scheduler runs.</para>
/// </remarks>
/// <example>
/// <para>Run a job by itself from now on</para>
/// <code>Set-ProvisioningJob ./contoso -SecretFrom File -SecretPath /etc/travelperk/key
/// Start-ProvisioningJob ./contoso
/// Register-ProvisioningSchedule ./contoso -PassThru</code>
/// <para>Shows the schedule. Get-ProvisioningStatus ./contoso shows the cycles as they come.</para>
/// </example>
/// <example>
/// <para>Run a job whose target is a sandbox of another session</para>
/// <code>Register-ProvisioningSchedule ./trial -AllowTarget http://127.0.0.1:8085/api/v2/scim</code>
/// <para>Its runs may send the job's key to that address. A run fails when job.json names another one.</para>
/// </example>
/// <example>
/// <para>See what would be registered</para>
/// <code>Register-ProvisioningSchedule ./contoso -Kind Cron -WhatIf</code>
/// <para>Names the scheduler and how often it would look, and changes nothing.</para>
/// </example>
/// <seealso>Get-ProvisioningSchedule</seealso>
/// <seealso>Unregister-ProvisioningSchedule</seealso>
/// <seealso>Start-ProvisioningJob</seealso>
/// <seealso>about_TravelPerkScim_Unattended</seealso>
[Cmdlet(VerbsLifecycle.Register, "ProvisioningSchedule", SupportsShouldProcess = true, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningSchedule))]
public sealed class RegisterProvisioningScheduleCommand : JobCommand
{
    private string _powerShell = "";
    private string _script = "";

    /// <summary>The scheduler. Default: TaskScheduler on Windows, Systemd where it is at work, else Cron.</summary>
    [Parameter]
    public SchedulerKind? Kind { get; set; }

    /// <summary>For systemd: a file with the API key, which only the service can read then. job.json names it as
    /// %CREDENTIALS_DIRECTORY%/travelperk.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CredentialFile { get; set; }

    /// <summary>The job's target, where it is not TravelPerk's own: the address beside TravelPerk's to which the runs of this schedule may
    /// send the job's key.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? AllowTarget { get; set; }

    /// <summary>For a job whose state is shared: the file with the connection string of the database. The account of the schedule reads it
    /// at each run. Default: the file that this session is connected with.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? StoreFile { get; set; }

    /// <summary>For the Task Scheduler: the account that runs the job, such as contoso\travelperk$ for a group managed service account.
    /// Default: this one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>Writes the schedule.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private SchedulerKind ChosenKind => Kind ?? Schedulers.Usual;

    private protected override void Prepare()
    {
        _powerShell =
            PowerShellProgram.Find(SessionState.PSVariable.GetValue("PSHOME") as string)
            ?? throw new CommandException(
                "PowerShellNotFound",
                ErrorCategory.ObjectNotFound,
                "There is no pwsh on this machine that a scheduler could run. Install it: dotnet tool install --global PowerShell."
            );
        _script = Path.Combine(MyInvocation.MyCommand.Module.ModuleBase, "module", "Invoke-ScheduledJob.ps1");
        if (CredentialFile is not null && ChosenKind != SchedulerKind.Systemd)
        {
            throw new CommandException(
                "CredentialNotSystemd",
                ErrorCategory.InvalidArgument,
                "-CredentialFile is handed on by systemd only. Elsewhere name the file itself: "
                    + "Set-ProvisioningJob -SecretFrom File -SecretPath."
            );
        }

        if (User is not null && ChosenKind != SchedulerKind.TaskScheduler)
        {
            throw new CommandException(
                "UserNotWindows",
                ErrorCategory.InvalidArgument,
                "-User is for the Task Scheduler. Elsewhere a schedule belongs to "
                    + "the account that registers it: run the command as that account."
            );
        }
    }

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        Refuse(job, AllowTarget);
        string? credential = CredentialFile is null ? null : await ResolvePathAsync(CredentialFile).ConfigureAwait(false);
        var scheduled = new ScheduledJob(job.Path, job.Settings.Schedule!.Interval, _powerShell, _script, credential)
        {
            Store = await StoreFileOfAsync(job, StoreFile, cancellationToken).ConfigureAwait(false),
            AllowedTarget = AllowTarget,
        };
        scheduled.Check();
        // Another account's runs may see what this account does not.
        if (job.IsShared && User is null)
            await JobStores.TestAsync(scheduled.Store!, "-StoreFile", cancellationToken).ConfigureAwait(false);
        IScheduler scheduler = Schedulers.Of(ChosenKind, User);
        string action = FormattableString.Invariant(
            $"Have {scheduler.Kind} look every {scheduled.Every.TotalMinutes:0} min whether a cycle is due"
        );
        if (!await ShouldProcessAsync(job.Path, action).ConfigureAwait(false))
            return;
        await scheduler.RegisterAsync(scheduled, cancellationToken).ConfigureAwait(false);
        await WarnAsync(job, credential).ConfigureAwait(false);
        ProvisioningSchedule registered = (await scheduler.ListAsync(cancellationToken).ConfigureAwait(false)).First(schedule =>
            schedule.Name == scheduled.Name
        );
        await WriteWarningAsync(registered.Message).ConfigureAwait(false);
        if (PassThru)
            await WriteObjectAsync(registered).ConfigureAwait(false);
    }

    // A run that could do nothing is told before there is one.
    private static void Refuse(ProvisioningJob job, Uri? allowed)
    {
        if (job.Settings.Schedule is null)
        {
            throw new CommandException(
                "JobNotStarted",
                ErrorCategory.InvalidOperation,
                $"The job '{job.Name}' was never started, so it has no interval. Run Start-ProvisioningJob '{job.Path}' first."
            );
        }

        if (job.Settings.Secrets?.TravelPerk is null)
        {
            throw new CommandException(
                "SecretPlaceMissing",
                ErrorCategory.InvalidOperation,
                $"The job '{job.Name}' does not say where its API key is found, and a scheduler cannot be asked for it. "
                    + $"Say it with Set-ProvisioningJob '{job.Path}' -SecretFrom File -SecretPath, or another place."
            );
        }
        if (job is { IsShared: true, Settings.Secrets.TravelPerk.ClientId: not null })
        {
            throw new CommandException(
                "ScheduleCannotSignIn",
                ErrorCategory.InvalidOperation,
                $"The job '{job.Name}' signs in to TravelPerk with OAuth, and its sign-in is in the shared database, encrypted. "
                    + "The runs of a schedule have no keys. Let a worker with --keys run the job, or give the job an API key."
            );
        }
        if (!TravelPerkHosts.IsTravelPerk(job.Target) && (allowed is null || !JobSignIn.IsSame(allowed, job.Target)))
        {
            throw new CommandException(
                "TargetNotChosen",
                ErrorCategory.SecurityError,
                $"The job '{job.Name}' writes to {job.Target}, which is no address of TravelPerk's"
                    + $"{(allowed is null ? "" : $", and -AllowTarget is {allowed}")}. A scheduled run would send no key there. "
                    + $"If the address is right, allow it: Register-ProvisioningSchedule '{job.Path}' -AllowTarget {job.Target}."
            );
        }
    }

    private async Task WarnAsync(ProvisioningJob job, string? credential)
    {
        if (job.Settings.Schedule is { On: false })
        {
            await WriteWarningAsync($"The job '{job.Name}' is Off. Its runs do nothing until Start-ProvisioningJob '{job.Path}'.")
                .ConfigureAwait(false);
        }

        if (job.Settings.Secrets?.TravelPerk is { From: SecretFrom.Environment, Name: var variable })
        {
            await WriteWarningAsync(
                    $"The API key of '{job.Name}' is in the environment variable {variable} of this session. "
                        + $"A scheduler has another environment. Name a file instead: "
                        + $"Set-ProvisioningJob '{job.Path}' -SecretFrom File -SecretPath."
                )
                .ConfigureAwait(false);
        }

        if (credential is not null && !SecretPlace.IsOfCredentials(job.Settings.Secrets?.TravelPerk?.Path))
        {
            await WriteWarningAsync(
                    $"systemd hands '{credential}' on, and the job does not look there. "
                        + $"Run Set-ProvisioningJob '{job.Path}' -SecretFrom File "
                        + $"-SecretPath {SecretPlace.CredentialsFolder}/travelperk."
                )
                .ConfigureAwait(false);
        }
    }
}
