using System.Globalization;
using System.Runtime.CompilerServices;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Simulation;

/// <summary>Somebody in the directory.</summary>
internal sealed record Person(
    string Anchor,
    string UserPrincipalName,
    string Title,
    string? Manager,
    bool Enabled = true,
    bool Assigned = true,
    bool SoftDeleted = false,
    string FamilyName = "Family",
    string? Phone = null
)
{
    /// <summary>Is to have an active TravelPerk user.</summary>
    public bool Wanted => Enabled && Assigned && !SoftDeleted;
}

/// <summary>What goes wrong in a read of the directory.</summary>
internal enum SourceHiccup
{
    None,

    /// <summary>The stream ends early, without saying so.</summary>
    CutOff,

    /// <summary>Network or token are lost on the way.</summary>
    Lost,

    /// <summary>The watermark is no longer known.</summary>
    Expired,

    /// <summary>A full read passes over some users, and says nothing.</summary>
    Overlooks,

    /// <summary>A full read lists nobody.</summary>
    Empty,

    /// <summary>Entries come again, older forms of them first.</summary>
    Replays,

    /// <summary>Some entries cannot be read.</summary>
    Unreadable,
}

/// <summary>
/// A directory that tells of changes since a watermark, as Microsoft Graph does, and lags as it does: for a cycle, it does not find by id
/// some
/// of those whom it names as changed. Who was deleted is named once; to whoever asks later, nobody is found. It also is the truth that the
/// target is held against.
/// </summary>
internal sealed class SimulatedDirectory(Random random, Action<string> tell) : IDirectorySource
{
    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);
    private readonly List<(string Anchor, Person? Form)> _changes = [];
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _fresh = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unseen = new(StringComparer.Ordinal);

    public string DisplayName => "directory";

    public SourceHiccup Hiccup { get; set; }

    public IReadOnlyDictionary<string, Person> People => _people;

    /// <summary>Everybody who ever had this userPrincipalName.</summary>
    public IEnumerable<string> BearersOf(string userPrincipalName) =>
        _changes
            .Where(c => userPrincipalName.Equals(c.Form?.UserPrincipalName, StringComparison.OrdinalIgnoreCase))
            .Select(c => c.Anchor)
            .Distinct();

    /// <summary>Everybody who has this userPrincipalName now.</summary>
    public IEnumerable<string> HoldersOf(string userPrincipalName) =>
        _people.Values.Where(p => userPrincipalName.Equals(p.UserPrincipalName, StringComparison.OrdinalIgnoreCase)).Select(p => p.Anchor);

    /// <summary>The accounts that had this userPrincipalName when they were permanently deleted.</summary>
    public IEnumerable<string> DeletedHoldersOf(string userPrincipalName) =>
        _deleted.Where(anchor => userPrincipalName.Equals(LastNameOf(anchor), StringComparison.OrdinalIgnoreCase));

    private string? LastNameOf(string anchor) => _changes.FindLast(c => c.Anchor == anchor && c.Form is not null).Form?.UserPrincipalName;

    public bool WasDeleted(string anchor) => _deleted.Contains(anchor);

    /// <summary>A cycle begins: whoever was late in the one before is found, and some of those who changed since are late now.</summary>
    /// <param name="share">How many of them: one of so many; 0 is nobody.</param>
    public void BeginCycle(int share)
    {
        _unseen.Clear();
        // A list that passes over somebody whom a look-up does not find either are two witnesses, and both lie.
        if (share > 0 && Hiccup != SourceHiccup.Overlooks)
            _unseen.UnionWith(_fresh.Where(_ => random.Next(share) == 0));
        _fresh.Clear();
        if (_unseen.Count > 0)
            tell($"  late: {string.Join(", ", _unseen)}");
    }

    public void Set(Person person)
    {
        _fresh.Add(person.Anchor);
        _people[person.Anchor] = person;
        tell($"  {person}");
        _changes.Add((person.Anchor, person));
    }

    public void Delete(string anchor)
    {
        if (!_people.Remove(anchor))
            return;
        _deleted.Add(anchor);
        tell($"  {anchor} is deleted");
        _changes.Add((anchor, null));
        foreach (Person report in _people.Values.Where(p => p.Manager == anchor).ToList())
            Set(report with { Manager = null });
    }

    public async IAsyncEnumerable<SourceItem> ReadAsync(
        SourceLayout layout,
        string? watermark,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.CompletedTask;
        bool full = watermark is null || Hiccup == SourceHiccup.Expired;
        int since = full ? 0 : int.Parse(watermark!, CultureInfo.InvariantCulture);
        List<(string Anchor, Person? Form)> listed = full
            ? [.. _people.Select(p => (p.Key, (Person?)p.Value))]
            : [.. _changes.Skip(since).Select(c => (c.Anchor, _people.GetValueOrDefault(c.Anchor)))];
        if (full && Hiccup == SourceHiccup.Empty)
            listed.Clear();
        if (full && Hiccup == SourceHiccup.Overlooks)
            listed.RemoveAll(_ => random.Next(4) == 0);
        if (Hiccup == SourceHiccup.Replays)
        {
            List<(string Anchor, Person? Form)> replayed = [.. _changes.Where(_ => random.Next(3) == 0)];
            listed = [.. replayed, .. listed, .. replayed.Select(r => (r.Anchor, _people.GetValueOrDefault(r.Anchor)))];
        }
        int stop = Hiccup is SourceHiccup.CutOff or SourceHiccup.Lost ? random.Next(listed.Count + 1) : int.MaxValue;
        for (int i = 0; i < listed.Count && i < stop; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (string anchor, Person? form) = listed[i];
            yield return Hiccup == SourceHiccup.Unreadable && random.Next(4) == 0
                ? new SourceFault(anchor, "The entry cannot be read.", anchor)
            : form is null ? new SourceRemoval(anchor)
            : !full && _unseen.Contains(anchor) ? NotFound(anchor) with { Named = true }
            : Entry(layout, form);
        }
        if (Hiccup == SourceHiccup.Lost)
            throw new SourceException("Lost", "The connection was lost.");
        if (Hiccup != SourceHiccup.CutOff)
            yield return new SourceEnd(full, _changes.Count.ToString(CultureInfo.InvariantCulture), listed.Count, ConfirmAbsence: true);
    }

    public async IAsyncEnumerable<SourceItem> FindAsync(
        SourceLayout layout,
        IReadOnlyList<string> identities,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.CompletedTask;
        foreach (string anchor in identities)
        {
            yield return Hiccup == SourceHiccup.Unreadable && random.Next(4) == 0
                ? new SourceFault(anchor, "The entry cannot be read.", anchor)
            : _unseen.Contains(anchor) || WasDeleted(anchor) ? NotFound(anchor)
            : _people.TryGetValue(anchor, out Person? person) ? Entry(layout, person)
            : new SourceFault(anchor, "There is no such user.");
        }
        yield return new SourceEnd(false, null, identities.Count);
    }

    private static SourceNotFound NotFound(string anchor) => new(anchor, "The directory does not find the user at the moment.");

    private static SourceEntry Entry(SourceLayout layout, Person person)
    {
        var user = new SourceObject(person.Anchor, layout);
        Put("objectId", person.Anchor);
        Put("userPrincipalName", person.UserPrincipalName);
        Put("givenName", "Given");
        Put("surname", person.FamilyName);
        Put("accountEnabled", person.Enabled);
        Put("jobTitle", person.Title);
        if (person.Phone is { } phone)
            Put("telephoneNumber", phone);
        if (person.Manager is { } manager)
            Put("manager", new SourceReference(manager));
        return new SourceEntry(user, person.SoftDeleted, person.Assigned ? null : "is not assigned to 'TravelPerk'");

        void Put(string name, object value)
        {
            if (layout.SlotOf(name) is var slot and >= 0)
                user.Values[slot] = value;
        }
    }
}
