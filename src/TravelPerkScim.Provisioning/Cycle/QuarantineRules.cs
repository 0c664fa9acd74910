using TravelPerkScim.Provisioning.Apply;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>When a cycle puts its job into quarantine, and when it takes it out (Entra: application provisioning in quarantine status;
/// prevent accidental deletions).</summary>
internal static class QuarantineRules
{
    private const int JudgedFrom = 5_000;
    private const int MostFailures = 40_000;
    private const int MostInAll = 60_000;
    private const double MostOfEvents = 0.4;

    // Failures that a person has to correct in the source.
    private static readonly HashSet<string> s_lasting = new(StringComparer.Ordinal)
    {
        "EntraUnauthorized",
        "EntraTokenExpired",
        "EntraPermissionMissing",
        "EntraApplicationNotFound",
        "EntraAttributeUnknown",
        "EntraAttributeUnreadable",
        "InvalidAccessToken",
    };

    /// <param name="state">The job's, with everything the cycle recorded.</param>
    /// <param name="snapshot">The state as the cycle began.</param>
    /// <param name="plan">What the cycle applied.</param>
    /// <param name="work">How that ended.</param>
    /// <param name="counts">What it came to.</param>
    /// <param name="now">UTC.</param>
    /// <param name="message">The same in words.</param>
    public static void Apply(
        JobState state,
        StateSnapshot snapshot,
        ProvisioningPlan plan,
        Task work,
        CycleCounts counts,
        DateTimeOffset now,
        string? message
    )
    {
        string told = message ?? "";
        Dictionary<string, StagedOperation> staged = Staged(snapshot, plan);
        if (work.IsCompletedSuccessfully)
            state.SetStaged(staged);
        bool judges = plan.Kind.CoversWholeJob();
        if (judges && ReasonOf(state, plan.CycleId, work.Exception?.GetBaseException(), counts) is { } reason)
        {
            Write(state, Quarantine.After(Failing(snapshot.Quarantine), reason, plan.CycleId, now, told));
            return;
        }
        if (!work.IsCompletedSuccessfully)
            return;
        if (staged.Count > 0)
            Write(state, Holding(staged.Values, snapshot.Quarantine, plan.CycleId, now, told));
        else if (plan.SeesWholeJob)
            Write(state, null);
    }

    // A quarantine that holds the same operations already goes on as it began.
    private static Quarantine Holding(
        IReadOnlyCollection<StagedOperation> staged,
        Quarantine? before,
        Guid cycle,
        DateTimeOffset now,
        string message
    )
    {
        QuarantineReason waits = staged.All(o => o.IsTakeover) ? QuarantineReason.TakeoversStaged : QuarantineReason.TooManyDeletes;
        Guid[] stagers = [.. staged.Select(o => o.CycleId).Distinct()];
        if (stagers.Contains(cycle))
            return Quarantine.After(null, waits, cycle, now, message);
        bool goesOn = before?.Reason == waits && stagers.Contains(before.CycleId);
        return goesOn ? before! : Quarantine.After(null, waits, stagers[0], now, message);
    }

    // What was staged before waits for the approval of the cycle that staged it; a cycle that did not see everybody says nothing of those
    // it did not see.
    private static Dictionary<string, StagedOperation> Staged(StateSnapshot snapshot, ProvisioningPlan plan)
    {
        Dictionary<string, StagedOperation> staged = plan.SeesWholeJob
            ? new Dictionary<string, StagedOperation>(StringComparer.Ordinal)
            : snapshot.Staged.ToDictionary(StringComparer.Ordinal);
        foreach (ProvisioningOperation operation in plan.Operations)
        {
            staged.Remove(operation.SourceId);
            if (operation.Staged)
                staged.Add(operation.SourceId, StagedOperation.Of(operation, snapshot.StagedBy(operation) ?? plan.CycleId));
        }
        return staged;
    }

    /// <summary>A cycle ended before it had a plan.</summary>
    public static void Failed(JobState state, CycleSummary cycle, Exception error, DateTimeOffset now)
    {
        // A file of the job that is wrong costs the target nothing, and is right as soon as it is corrected: no cycle has to wait for that.
        if (error is not (ScimException or SourceException))
            return;
        if (cycle.Kind.CoversWholeJob() && IsLasting(state, cycle.Id, error))
        {
            Write(
                state,
                Quarantine.After(
                    Failing(Quarantine.Read(state)),
                    QuarantineReason.EncounteredQuarantineException,
                    cycle.Id,
                    now,
                    error.Message
                )
            );
        }
    }

    private static void Write(JobState state, Quarantine? quarantine)
    {
        Quarantine.Write(state, quarantine);
        if (quarantine is not { Disabled: true })
            return;
        // The next cycle reads every user, and meets those who waited there.
        state.RemoveEscrows();
        state.ForgetWatermark();
    }

    // The days of a quarantine count from its first failure; staged deletes are none.
    private static Quarantine? Failing(Quarantine? before) => before is not null && Quarantine.HoldsStaged(before.Reason) ? null : before;

    private static QuarantineReason? ReasonOf(JobState state, Guid cycle, Exception? error, CycleCounts counts)
    {
        bool isTargets = error is ScimException or ProvisioningException { Failure: ProvisioningFailure.TargetFailing };
        if (isTargets && IsLasting(state, cycle, error!))
            return QuarantineReason.EncounteredQuarantineException;
        // A user who failed in an earlier cycle and is not due yet has not stopped failing.
        long failing = state.CountEscrows();
        long events = failing + counts.Created + counts.Updated + counts.Enabled + counts.Disabled + counts.Deleted + counts.Linked;
        if (failing < JudgedFrom)
            return null;
        if (failing > MostInAll)
            return QuarantineReason.EncounteredTotalEscrowThreshold;
        bool isTooMany = failing > MostFailures || failing > MostOfEvents * events;
        return isTooMany ? QuarantineReason.EncounteredEscrowProportionThreshold : null;
    }

    // A failure that may pass by itself counts when two cycles in a row meet it.
    private static bool IsLasting(JobState state, Guid cycle, Exception error)
    {
        bool lasts = error switch
        {
            ScimException e => OperationApplier.IsFatal(e) && e.Kind != ScimFailure.Unreachable,
            SourceException e => s_lasting.Contains(e.ErrorId),
            // The circuit breaker ended the cycle.
            _ => true,
        };
        return lasts
            || Failing(Quarantine.Read(state)) is not null
            || state.Log.ReadCycles(2).FirstOrDefault(before => before.Id != cycle) is { State: CycleState.Failed };
    }
}
