using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>The operations of one cycle that still wait for an approval. An approval is for one cycle and for no other.</summary>
public sealed record StagedCycle
{
    /// <summary>The cycle to approve.</summary>
    public required Guid CycleId { get; init; }

    /// <summary>Disables of users.</summary>
    public int Disables { get; init; }

    /// <summary>Deletes of users and groups.</summary>
    public int Deletes { get; init; }

    /// <summary>Groups that lose members.</summary>
    public int Groups { get; init; }

    /// <summary>TravelPerk users that go over to an account with another name.</summary>
    public int Takeovers { get; init; }

    /// <summary>What the approval approves, in words.</summary>
    public override string ToString()
    {
        (int Count, string One, string More)[] kinds =
        [
            (Disables, "disable", "disables"),
            (Deletes, "delete", "deletes"),
            (Groups, "change of a group's members", "changes of groups' members"),
            (Takeovers, "takeover", "takeovers"),
        ];
        string[] parts =
        [
            .. kinds.Where(k => k.Count > 0).Select(k => FormattableString.Invariant($"{k.Count} {(k.Count == 1 ? k.One : k.More)}")),
        ];
        string first = string.Join(", ", parts.SkipLast(1));
        string joint = parts.Length > 1 ? " and " : "";
        return $"-ApproveCycle {CycleId} approves {first}{joint}{parts.LastOrDefault("nothing")}";
    }

    private static StagedCycle Counted(IGrouping<Guid, StagedOperation> cycle)
    {
        StagedOperation[] others = [.. cycle.Where(staged => !staged.IsTakeover)];
        int disables = others.Count(staged => staged.Action == ProvisioningAction.Disable);
        int deletes = others.Count(staged => staged.Action == ProvisioningAction.Delete);
        return new StagedCycle
        {
            CycleId = cycle.Key,
            Takeovers = cycle.Count() - others.Length,
            Disables = disables,
            Deletes = deletes,
            Groups = others.Length - disables - deletes,
        };
    }

    /// <summary>The cycles with waiting operations, the newest first.</summary>
    internal static IReadOnlyList<StagedCycle> Read(JobState state)
    {
        List<StagedCycle> cycles = [.. state.ReadStaged().Values.GroupBy(s => s.CycleId).Select(Counted)];
        if (cycles.Count < 2)
            return cycles;
        List<Guid> order = [.. state.Log.ReadCycles(int.MaxValue).Select(c => c.Id)];
        return [.. cycles.OrderBy(c => order.IndexOf(c.CycleId) is >= 0 and var place ? place : int.MaxValue)];
    }
}
