using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>Counts outcomes as they come. Thread-safe.</summary>
internal sealed class CycleTally(CycleCounts start)
{
    private readonly object _lock = new();
    private CycleCounts _counts = start;

    public CycleCounts Counts
    {
        get
        {
            lock (_lock)
                return _counts;
        }
    }

    public void Add(ProvisioningOutcome outcome)
    {
        lock (_lock)
        {
            _counts = (outcome.Status, outcome.Action) switch
            {
                (OutcomeStatus.Failure, _) => _counts with { Failed = _counts.Failed + 1 },
                (OutcomeStatus.Skipped, _) => _counts with { Skipped = _counts.Skipped + 1 },
                (OutcomeStatus.Staged, _) => _counts with { Staged = _counts.Staged + 1 },
                (_, ProvisioningAction.Create) => _counts with { Created = _counts.Created + 1 },
                (_, ProvisioningAction.Update) => _counts with { Updated = _counts.Updated + 1 },
                (_, ProvisioningAction.Enable) => _counts with { Enabled = _counts.Enabled + 1 },
                (_, ProvisioningAction.Disable) => _counts with { Disabled = _counts.Disabled + 1 },
                (_, ProvisioningAction.Delete) => _counts with { Deleted = _counts.Deleted + 1 },
                _ => _counts with { Linked = _counts.Linked + 1 },
            };
        }
    }
}
