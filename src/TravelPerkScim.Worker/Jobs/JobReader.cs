using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.Worker.Jobs;

/// <summary>Reads how a job stands, from its folder and its state.</summary>
/// <param name="time">Clock.</param>
/// <param name="states">The database that keeps the states; null where each job keeps its own.</param>
internal sealed class JobReader(TimeProvider time, SharedStates? states = null)
{
    private const int ShownCycles = 5;

    /// <summary>Reads the job again. What is known of the cycle under way stays.</summary>
    public JobView Read(JobView view)
    {
        try
        {
            var job = ProvisioningJob.Open(view.Path);
            states?.Attach(job);
            var status = ProvisioningStatus.Read(job, ShownCycles, time);
            // A folder that can be read again is one problem less; one of a cycle is over when a cycle says so.
            if (view.Job is null)
                view = view with { Problem = null, RetryAt = null };
            return view with { Job = job, Status = status };
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return view with { Job = null, Status = null, Problem = ProblemOf(view, e, time.GetUtcNow()) };
        }
    }

    /// <summary>Reads the job again where that can be done; otherwise the job stands as it was seen last.</summary>
    public JobView ReadIfAble(JobView view) => Read(view) is { Job: not null } read ? read : view;

    /// <summary>A problem that goes on is the same one: it is told once.</summary>
    public static JobProblem ProblemOf(JobView view, Exception error, DateTimeOffset now)
    {
        (string id, string message) = JobErrors.Of(error);
        var problem = new JobProblem(id, message, now);
        return view.Problem is { } known && problem with { Since = known.Since } == known ? known : problem;
    }
}
