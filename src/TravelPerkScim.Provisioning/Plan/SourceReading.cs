using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>What one read of the source showed, reduced to what a plan needs: unchanged users are counted, not kept. Keyed by anchor,
/// because a source may speak of one twice.</summary>
internal sealed class SourceReading
{
    /// <summary>Users whose desired state differs from the one last reached, or who have no link.</summary>
    public Dictionary<string, DesiredUser> Changed { get; } = new(StringComparer.Ordinal);

    /// <summary>Unchanged users whose manager has no TravelPerk user yet.</summary>
    public Dictionary<string, DesiredUser> Waiting { get; } = new(StringComparer.Ordinal);

    /// <summary>Disables.</summary>
    public Dictionary<string, ProvisioningOperation> Leaving { get; } = new(StringComparer.Ordinal);

    /// <summary>Users who were disabled before and still do not belong in the target: the disable that is due when they are active there.
    /// Filled to reconcile only.</summary>
    public Dictionary<string, ProvisioningOperation> AlreadyDisabled { get; } = new(StringComparer.Ordinal);

    /// <summary>Deletes.</summary>
    public Dictionary<string, ProvisioningOperation> Removed { get; } = new(StringComparer.Ordinal);

    /// <summary>Users whose desired state cannot be computed or would be refused.</summary>
    public Dictionary<string, (DesiredUser User, string Code, string Message)> Invalid { get; } = new(StringComparer.Ordinal);

    /// <summary>Users of whom nothing is to be written, and why. Filled on demand only.</summary>
    public Dictionary<string, ProvisioningOperation> Skipped { get; } = new(StringComparer.Ordinal);

    /// <summary>Those of <see cref="Leaving"/> who are enabled in the source, and no longer entitled or in scope.</summary>
    public HashSet<string> OutOfScope { get; } = new(StringComparer.Ordinal);

    /// <summary>Anchors that were permanently deleted and whose delete waits: the source does not say so again.</summary>
    public HashSet<string> Undeleted { get; } = new(StringComparer.Ordinal);

    /// <summary>Linked anchors that this read shows as disabled, soft-deleted, unassigned or out of scope, and which of these, as words
    /// that follow the account.</summary>
    public Dictionary<string, string> Departed { get; } = new(StringComparer.Ordinal);

    /// <summary>Anchors without a link whom this read shows as disabled, unassigned or out of scope. Filled to reconcile only.</summary>
    public HashSet<string> Outside { get; } = new(StringComparer.Ordinal);

    /// <summary>Linked anchors that left the scope or the assignment, and are left as they are: the job no longer manages them.</summary>
    public HashSet<string> Released { get; } = new(StringComparer.Ordinal);

    /// <summary>Anchors, in escrow or with an open intent, of which nothing is left to retry: back in the state last reached, left alone,
    /// or gone.</summary>
    public HashSet<string> Settled { get; } = new(StringComparer.Ordinal);

    /// <summary>Anchors to be asked for again: a list of changes named them and they could not be read, or their absence could not be
    /// proved.</summary>
    public HashSet<string> Unread { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Those of <see cref="Unread"/> whom the source does not find by their anchors, although it named them, and the cycle since when it
    /// does not.
    /// </summary>
    public Dictionary<string, DateTimeOffset> NotFound { get; } = new(StringComparer.Ordinal);

    /// <summary>An entry could not be read.</summary>
    public bool HasUnidentifiedFault { get; set; }

    /// <summary>Linked anchors, disabled ones too, that are proved to be absent.</summary>
    public HashSet<string> Gone { get; } = new(StringComparer.Ordinal);

    public List<SourceGroup> Groups { get; } = [];

    /// <summary>Every entitled group is in <see cref="Groups"/>.</summary>
    public bool GroupsComplete { get; set; }

    public List<string> Warnings { get; } = [];

    /// <summary>Which attributes the source gave; null when it does not tell, because it gives all that it is asked for.</summary>
    public SourceAttributes? Attributes { get; set; }

    /// <summary>The same, as it is to be remembered; null when there is nothing to remember.</summary>
    public GivenAttributes? Given { get; set; }

    /// <summary>The read reached its end.</summary>
    public bool Complete { get; set; }

    public string? Watermark { get; set; }

    public CycleCounts Counts { get; set; } = new();

    /// <summary>What was said of an object before no longer counts.</summary>
    public void Forget(string anchor)
    {
        Changed.Remove(anchor);
        Waiting.Remove(anchor);
        Leaving.Remove(anchor);
        OutOfScope.Remove(anchor);
        AlreadyDisabled.Remove(anchor);
        Released.Remove(anchor);
        Departed.Remove(anchor);
        Outside.Remove(anchor);
        Removed.Remove(anchor);
        Invalid.Remove(anchor);
        Skipped.Remove(anchor);
        Settled.Remove(anchor);
        Unread.Remove(anchor);
        NotFound.Remove(anchor);
    }
}
