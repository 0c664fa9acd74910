using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>What one read of the source showed, reduced to what a plan needs: unchanged users are counted, not kept.</summary>
internal sealed class SourceReading
{
    // A source may speak of a user twice. The last word counts.
    private readonly Dictionary<string, Assessment> _assessments = new(StringComparer.Ordinal);

    public IEnumerable<Assessment> Assessments => _assessments.Values;

    /// <summary>Users whose desired state differs from the one last reached, or who have no link.</summary>
    public IEnumerable<DesiredUser> Changed => All<Assessment.Changed>().Select(changed => changed.User);

    /// <summary>Anchors of the users who are to get a TravelPerk user.</summary>
    public IEnumerable<string> Arrivals => Changed.Where(user => user.Link is null).Select(user => user.Anchor);

    /// <summary>Unchanged users whose manager has no TravelPerk user yet.</summary>
    public IEnumerable<DesiredUser> AwaitingManager => All<Assessment.AwaitingManager>().Select(awaiting => awaiting.User);

    /// <summary>Anchors to be asked for again.</summary>
    public IEnumerable<string> Unread =>
        ListsAgain ? [] : Assessments.Where(assessed => assessed.AskAgain).Select(assessed => assessed.Anchor);

    /// <summary>The next read lists every user again, so no user need be asked for.</summary>
    public bool ListsAgain { get; set; }

    /// <summary>An entry could not be read.</summary>
    public bool HasUnidentifiedFault { get; set; }

    /// <summary>The entries that could not be read or used, in words.</summary>
    public List<string> FaultyEntries { get; } = [];

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

    public IEnumerable<T> All<T>()
        where T : Assessment => _assessments.Values.OfType<T>();

    /// <summary>Null for a user who did not change, or of whom the read said nothing.</summary>
    public Assessment? Of(string anchor) => _assessments.GetValueOrDefault(anchor);

    public bool IsUnread(string anchor) => !ListsAgain && Of(anchor) is { AskAgain: true };

    public void Assess(Assessment assessment) => _assessments[assessment.Anchor] = assessment;

    /// <summary>What was said of a user before no longer counts.</summary>
    public void Forget(string anchor) => _assessments.Remove(anchor);
}
