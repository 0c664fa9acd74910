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
            _counts = outcome.Status switch
            {
                OutcomeStatus.Failure => _counts with { Failed = _counts.Failed + 1 },
                OutcomeStatus.Skipped => _counts with { Skipped = _counts.Skipped + 1 },
                OutcomeStatus.Staged => _counts with { Staged = _counts.Staged + 1 },
                _ => outcome.Action switch
                {
                    ProvisioningAction.Create => _counts with { Created = _counts.Created + 1 },
                    ProvisioningAction.Update => _counts with { Updated = _counts.Updated + 1 },
                    ProvisioningAction.Enable => _counts with { Enabled = _counts.Enabled + 1 },
                    ProvisioningAction.Disable => _counts with { Disabled = _counts.Disabled + 1 },
                    ProvisioningAction.Delete => _counts with { Deleted = _counts.Deleted + 1 },
                    _ => _counts with { Linked = _counts.Linked + 1 },
                },
            };
        }
    }
}
