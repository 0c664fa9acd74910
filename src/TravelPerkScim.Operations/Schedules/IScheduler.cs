using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Schedules;

/// <summary>A scheduler of this machine.</summary>
public interface IScheduler
{
    /// <summary>Which one it is.</summary>
    SchedulerKind Kind { get; }

    /// <summary>Registers a job, or changes its registration.</summary>
    /// <exception cref="ProvisioningException"><c>SchedulerFailed</c>: what the scheduler said.</exception>
    Task RegisterAsync(ScheduledJob job, CancellationToken cancellationToken);

    /// <summary>The jobs that this module registered there.</summary>
    /// <exception cref="ProvisioningException"><c>SchedulerFailed</c>.</exception>
    Task<IReadOnlyList<ProvisioningSchedule>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Takes a registration away; a run that is under way finishes.</summary>
    /// <exception cref="ProvisioningException"><c>SchedulerFailed</c>.</exception>
    Task UnregisterAsync(ProvisioningSchedule schedule, CancellationToken cancellationToken);
}
