using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Worker.Jobs;

/// <summary>What a job's next cycle asks of the worker.</summary>
/// <param name="Tenant">The jobs that share the places of one tenant: those of one Entra tenant; a job of another source alone.</param>
/// <param name="IsLong">The cycle may take long: the job's first one, one that goes on, or one after a cycle that took long.</param>
internal sealed record CycleLoad(string Tenant, bool IsLong)
{
    // Most cycles find nothing to do and end within seconds.
    private static readonly TimeSpan s_short = TimeSpan.FromMinutes(2);

    public static CycleLoad Of(JobView view)
    {
        CycleSummary? last = view.Status?.LastCycle;
        bool isLong = last is null || view.HasUnfinishedCycle || last.Duration > s_short;
        return new CycleLoad(view.Job?.Settings.Source.TenantId ?? view.Path, isLong);
    }
}
