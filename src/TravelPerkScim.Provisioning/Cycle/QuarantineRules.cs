using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Record;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>When a cycle puts its job into quarantine, and when it takes it out (Entra: application provisioning in quarantine status; prevent accidental deletions).</summary>
internal static class QuarantineRules
{
    private const int JudgedFrom = 5_000;
    private const int MostFailures = 40_000;
    private const int MostInAll = 60_000;
    private const double MostOfEvents = 0.4;

    public static void Apply(JobState state, JobMemory memory, ProvisioningPlan plan, Task work, CycleCounts counts, DateTimeOffset now, string? message)
    {
        List<(string Anchor, ProvisioningAction Action)> staged = [.. plan.Operations.Where(o => o.Staged).Select(o => (o.SourceId, o.Action))];
        if (ReasonOf(work, counts) is { } reason)
        {
            Write(state, Quarantine.After(Failing(memory.Quarantine), reason, plan.CycleId, now, message ?? ""));
        }
        else if (staged.Count > 0)
        {
            // The same operations as before wait for the same approval.
            bool same = memory.Quarantine is { Reason: QuarantineReason.TooManyDeletes } && staged.Count == memory.Staged.Count && staged.TrueForAll(o => memory.Staged.TryGetValue(o.Anchor, out ProvisioningAction action) && action == o.Action);
            Quarantine fresh = Quarantine.After(null, QuarantineReason.TooManyDeletes, plan.CycleId, now, message ?? "");
            Write(state, same ? memory.Quarantine : fresh);
            state.SetStaged(staged);
        }
        else if (work.IsCompletedSuccessfully && plan.ReadComplete && plan.Kind != CycleKind.OnDemand)
        {
            Write(state, null);
            state.SetStaged([]);
        }
    }

    /// <summary>A cycle ended before it had a plan.</summary>
    public static void Failed(JobState state, Guid cycle, DateTimeOffset now, string message) =>
        Write(state, Quarantine.After(Failing(Quarantine.Read(state)), QuarantineReason.EncounteredQuarantineException, cycle, now, message));

    private static void Write(JobState state, Quarantine? quarantine)
    {
        Quarantine.Write(state, quarantine);
        if (quarantine is { Disabled: true })
            state.RemoveEscrows();
    }

    // The days of a quarantine count from its first failure; staged deletes are none.
    private static Quarantine? Failing(Quarantine? before) => before is { Reason: QuarantineReason.TooManyDeletes } ? null : before;

    private static QuarantineReason? ReasonOf(Task work, CycleCounts counts)
    {
        if (work.Exception?.GetBaseException() is ScimException or ProvisioningException { ErrorId: "TargetFailing" })
            return QuarantineReason.EncounteredQuarantineException;
        long events = counts.Failed + counts.Created + counts.Updated + counts.Enabled + counts.Disabled + counts.Deleted + counts.Linked;
        return counts.Failed < JudgedFrom ? null
            : counts.Failed > MostInAll ? QuarantineReason.EncounteredTotalEscrowThreshold
            : counts.Failed > MostFailures || counts.Failed > MostOfEvents * events ? QuarantineReason.EncounteredEscrowProportionThreshold
            : null;
    }
}
