using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>Says which managers a request leaves out, and why.</summary>
/// <param name="bound">The bound mapping.</param>
/// <param name="reading">What the source said of managers.</param>
/// <param name="wanted">Users of the cycle. Those with a problem are not written.</param>
internal sealed class UnsentManagers(BoundMapping bound, SourceReading reading, IEnumerable<DesiredUser> wanted)
{
    private readonly Dictionary<string, MatchProblem> _failing = wanted
        .Where(user => user.Problem is not null)
        .ToDictionary(user => user.Anchor, user => user.Problem!, StringComparer.Ordinal);

    /// <summary>Null when none is left out.</summary>
    /// <param name="user">The user that is written.</param>
    /// <param name="canBeSent">Whether a source user has a TravelPerk user, or gets one in this plan.</param>
    public string? NoteOf(DesiredUser user, Func<string, bool> canBeSent)
    {
        List<string> notes = [];
        foreach (TargetAttribute attribute in bound.Attributes)
        {
            if (ReferenceEquals(user.Values[attribute.Slot], IgnoredFlow.Oneself))
                notes.Add(UnsentReference.Without(attribute, "the source has the user as their own manager"));
            else if (user.Values[attribute.Slot] is SourceReference manager && !canBeSent(manager.Anchor))
                notes.Add(WithoutUser(attribute, manager));
        }
        return notes.Count == 0 ? null : string.Join(' ', notes);
    }

    private string WithoutUser(TargetAttribute attribute, SourceReference manager)
    {
        string? name = AttributeDiff.Display(attribute, manager);
        string why = WhyNot(manager.Anchor);
        return UnsentReference.Without(attribute, $"{name} has no TravelPerk user{why}. {UnsentReference.Later}");
    }

    private string WhyNot(string anchor) =>
        (_failing.GetValueOrDefault(anchor), reading.Of(anchor)) switch
        {
            ({ Code: var code }, _) => $", because it could not be provisioned ({code})",
            (_, Assessment.Invalid { Code: var code }) => $", because it could not be provisioned ({code})",
            (_, Assessment.Skipped { Explanation.Reason.Text: var why }) => $" ({why.TrimEnd('.')})",
            _ => ", and is not in the source or not in scope",
        };
}
