using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>What a plan is asked for.</summary>
/// <param name="Source">Where identities come from.</param>
/// <param name="Kind">Initial, incremental, reconcile or on demand.</param>
internal sealed record PlanOptions(IDirectorySource Source, CycleKind Kind)
{
    /// <summary>For on demand: the users.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>The cycle whose staged operations are approved; null when none is.</summary>
    public Guid? Approved { get; init; }

    /// <summary>For on demand: all groups as well.</summary>
    public bool WithGroups { get; init; }

    /// <summary>An initial cycle that was asked for: every user is compared with the target.</summary>
    public bool Restart { get; init; }

    public bool IsOnDemand => Kind == CycleKind.OnDemand;

    /// <summary>All users of the target are looked at.</summary>
    public bool ComparesAll => Restart || Kind == CycleKind.Reconcile;
}
