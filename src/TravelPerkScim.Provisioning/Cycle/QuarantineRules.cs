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
        Dictionary<string, StagedOperation> staged = Staged(memory, plan);
        if (work.IsCompletedSuccessfully)
            state.SetStaged(staged);
        if (ReasonOf(work, counts) is { } reason)
        {
            Write(state, Quarantine.After(Failing(memory.Quarantine), reason, plan.CycleId, now, message ?? ""));
        }
        else if (staged.Count > 0)
        {
            bool old = memory.Quarantine is { Reason: QuarantineReason.TooManyDeletes } && staged.Values.All(o => o.CycleId != plan.CycleId) && staged.Values.Any(o => o.CycleId == memory.Quarantine.CycleId);
            Guid cycle = staged.Values.Any(o => o.CycleId == plan.CycleId) ? plan.CycleId : staged.Values.First().CycleId;
            Write(state, old ? memory.Quarantine : Quarantine.After(null, QuarantineReason.TooManyDeletes, cycle, now, message ?? ""));
        }
        else if (work.IsCompletedSuccessfully && plan.ReadComplete && plan.Kind is not (CycleKind.OnDemand or CycleKind.Reviewed))
        {
            Write(state, null);
        }
    }

    // What was staged before waits for the approval of the cycle that staged it; a cycle that did not see everybody says nothing of those it did not see.
    private static Dictionary<string, StagedOperation> Staged(JobMemory memory, ProvisioningPlan plan)
    {
        var staged = plan.ReadComplete && plan.Kind is not (CycleKind.OnDemand or CycleKind.Reviewed)
            ? new Dictionary<string, StagedOperation>(StringComparer.Ordinal)
            : memory.Staged.ToDictionary(StringComparer.Ordinal);
        foreach (ProvisioningOperation operation in plan.Operations)
        {
            staged.Remove(operation.SourceId);
            if (operation.Staged)
                staged.Add(operation.SourceId, IsOld(memory, operation) ? memory.Staged[operation.SourceId] : StagedOperation.Of(operation, plan.CycleId));
        }
        return staged;
    }

    /// <summary>An earlier cycle staged the same already.</summary>
    public static bool IsOld(JobMemory memory, ProvisioningOperation operation) =>
        memory.Staged.TryGetValue(operation.SourceId, out StagedOperation? before) && before == StagedOperation.Of(operation, before.CycleId);

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
