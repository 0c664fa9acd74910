using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>Makes the desired user of a source user, or says why there is none. One user after the other shares the memory of the values,
/// because most users of a cycle are unchanged and none of their values is kept. Not thread-safe.</summary>
/// <param name="bound">The bound mapping.</param>
/// <param name="salt">Keys the hash of the desired values.</param>
/// <param name="targetIdOf">Gives the target id of a source anchor, or null while it has none.</param>
internal sealed class DesiredUserMapper(BoundMapping bound, byte[] salt, Func<string, string?> targetIdOf)
{
    private readonly DroppedValues _dropped = new(bound);
    private readonly GivenValues _given = new(bound);
    private readonly DesiredHasher _hasher = new(bound, salt);
    private readonly object?[] _values = new object?[bound.Attributes.Count];
    private readonly int[] _references = [.. bound.Attributes.Where(a => a.IsReference).Select(a => a.Slot)];
    private readonly int _userPrincipalName = bound.Mapping.Layout.SlotOf("userPrincipalName");

    /// <summary>One sentence for each attribute of which values were left out.</summary>
    public IEnumerable<string> DropWarnings => _dropped.Warnings;

    /// <summary>Maps a user. The result is about the values of this user until the next user is mapped.</summary>
    /// <param name="user">The source user.</param>
    /// <param name="link">The user's link; null when the user has none.</param>
    /// <param name="unsaid">The source does not say whether the account is enabled.</param>
    public MappedUser Map(SourceObject user, Link? link, bool unsaid)
    {
        Array.Clear(_values);
        try
        {
            bound.Mapping.Map(user, _values);
            BoundMapping.Normalize(_values, user.Anchor);
            _dropped.Drop(_values);
            _given.Mark(user, _values);
            if (unsaid && link is not { Enabled: false })
                KeepActive();
            return Mapped(user, link, null);
        }
        catch (MappingException e)
        {
            return Mapped(user, link, e);
        }
    }

    /// <summary>A user of whom nothing is mapped, because of a failure before.</summary>
    public MappedUser Unmapped(SourceObject user, Link? link, MappingException failure)
    {
        Array.Clear(_values);
        return Mapped(user, link, failure);
    }

    /// <summary>Why the desired state cannot be sent, as Entra's error code and a sentence; null when it can.</summary>
    public (string Code, string Message)? WhyNot(MappedUser user) =>
        user.Failure is { } failure
            ? (failure.ErrorId, failure.Message)
            : ValueRules.FirstBroken(bound, _values, exists: user.Link is not null);

    /// <summary>A manager of the user who was mapped last has no TravelPerk user.</summary>
    public bool AwaitsManager()
    {
        foreach (int slot in _references)
        {
            if (_values[slot] is SourceReference manager && targetIdOf(manager.Anchor) is null)
                return true;
        }
        return false;
    }

    /// <summary>The desired user, which keeps its values.</summary>
    /// <param name="user">The mapped user.</param>
    /// <param name="scopeReason">What put the user in scope; null when that is not known.</param>
    /// <param name="reached">The job brought the user to this state before.</param>
    public DesiredUser Desired(MappedUser user, string? scopeReason, bool reached = false) =>
        new(user.Source.Anchor, [.. _values], user.Link)
        {
            Identity = NameOf(user),
            ScopeReason = scopeReason,
            DesiredStateReached = reached,
        };

    /// <summary>What to call the user: the userName that the mapping gives, else the name in the source.</summary>
    public string NameOf(MappedUser user) => bound.UserNameOf(_values) is { Length: > 0 } name ? name : IdentityOf(user.Source);

    /// <summary>What to call a source user: the userPrincipalName, or the anchor where there is none.</summary>
    public string IdentityOf(SourceObject user) => user.Values[_userPrincipalName] is string { Length: > 0 } name ? name : user.Anchor;

    // An account of which nothing is said is no reason to let a user in again.
    private void KeepActive()
    {
        if (bound.Active is not { } active || _values[active.Slot] is null or IgnoredFlow)
            return;
        object value = _values[active.Slot]!;
        if (!BoundMapping.IsFalse(value))
            _values[active.Slot] = IgnoredFlow.ExceptOnCreate(value);
    }

    private MappedUser Mapped(SourceObject user, Link? link, MappingException? failure) =>
        new(user, link, _hasher.Hash(_values, targetIdOf), failure);
}

/// <summary>A source user whose desired values were computed.</summary>
/// <param name="Source">The source user.</param>
/// <param name="Link">Its link; null when it has none.</param>
/// <param name="Hash">Hash of the desired values.</param>
/// <param name="Failure">Why values could not be computed; null when they could.</param>
internal readonly record struct MappedUser(SourceObject Source, Link? Link, ulong Hash, MappingException? Failure)
{
    /// <summary>The user has exactly this state already, as far as the job knows.</summary>
    public bool IsReached => Failure is null && Link is { Enabled: true } link && link.Hash == Hash;
}
