using System.Data.Common;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>Watches the end of a job's cycles, so that what is told of one is decided and written with it.</summary>
public interface ICycleObserver
{
    /// <summary>Called within the transaction that writes the end of a cycle, also of one that failed. What it throws does not fail the
    /// cycle.</summary>
    /// <param name="end">How the job stands with that.</param>
    void OnEnding(CycleEnding end);

    /// <summary>What <see cref="OnEnding"/> wrote was taken back, because it failed; the cycle's end is written without it.</summary>
    /// <param name="reason">Why.</param>
    void OnNotNoted(string reason);
}

/// <summary>The end of a cycle, as it is about to be written.</summary>
/// <param name="Job">The job.</param>
/// <param name="Store">The job's state with everything the cycle wrote. Writes to it belong to the transaction of the cycle's end.</param>
/// <param name="Time">UTC.</param>
public sealed record CycleEnding(ProvisioningJob Job, NotificationStore Store, DateTimeOffset Time)
{
    /// <summary>Writes the end of a cycle, with what its observer has to write if that is possible.</summary>
    internal static void Write(ProvisioningJob job, JobState state, CycleOptions options, Action writes)
    {
        if (options.Observer is not { } observer)
        {
            state.InTransaction(writes);
            return;
        }
        try
        {
            state.InTransaction(() =>
            {
                writes();
                observer.OnEnding(new CycleEnding(job, new NotificationStore(job, state), options.Time.GetUtcNow()));
            });
        }
        catch (Exception e) when (e is not (OutOfMemoryException or ProvisioningException { Failure: ProvisioningFailure.JobTakenOver }))
        {
            state.InTransaction(writes);
            observer.OnNotNoted(e.InnerException is DbException inner ? inner.Message : e.Message);
        }
    }
}
