using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.Operations.Schedules;

/// <summary>Why a schedule cannot run, as far as the files tell.</summary>
internal static class ScheduleFault
{
    /// <param name="job">The job's folder.</param>
    /// <param name="script">The module's script.</param>
    /// <returns>Null when nothing is known to be wrong.</returns>
    public static string? Of(string job, string script) =>
        !ProvisioningJob.Exists(job) ? $"There is no job in '{job}' any more. Take the schedule away with Unregister-ProvisioningSchedule."
        : !File.Exists(script)
            ? $"The script '{script}' is gone, as after an update of the module. Run Register-ProvisioningSchedule '{job}' again."
        : null;
}
