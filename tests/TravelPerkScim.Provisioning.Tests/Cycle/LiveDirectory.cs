using System.Globalization;
using System.Runtime.CompilerServices;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>A directory that tells of changes since a watermark, as Microsoft Graph does, and whose reads can go wrong.</summary>
internal sealed class LiveDirectory : IDirectorySource
{
    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);
    private readonly List<string> _changes = [];
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);

    public string DisplayName => "directory";

    /// <summary>Identities that single reads were made for.</summary>
    public List<string> AskedFor { get; } = [];

    /// <summary>Users that a read passes over although they exist.</summary>
    public HashSet<string> Hidden { get; } = new(StringComparer.Ordinal);

    /// <summary>Users that cannot be read.</summary>
    public HashSet<string> Broken { get; } = new(StringComparer.Ordinal);

    /// <summary>The watermark is no longer known: the next read lists everybody.</summary>
    public bool Expired { get; set; }

    /// <summary>A read has an entry of which not even the id can be read.</summary>
    public bool Garbled { get; set; }

    public void Set(
        int number,
        string title = "Title",
        int? manager = null,
        bool enabled = true,
        string? notEntitled = null,
        string? userPrincipalName = null,
        int? person = null
    )
    {
        _people[CycleFixture.Id(number)] = new Person(
            userPrincipalName ?? $"user{number}@example.com",
            person ?? number,
            title,
            manager,
            enabled,
            notEntitled
        );
        _changes.Add(CycleFixture.Id(number));
    }

    /// <summary>Groups by name's anchor; null while the directory lists none.</summary>
    public Dictionary<string, SourceGroup>? Groups { get; set; }

    /// <summary>Sets an entitled group, whose members are user numbers.</summary>
    public void SetGroup(int number, string name, params IEnumerable<int> members)
    {
        Groups ??= new(StringComparer.Ordinal);
        string anchor = GroupId(number);
        Groups[anchor] = new SourceGroup(anchor, name, [.. members.Select(CycleFixture.Id)]);
    }

    public static string GroupId(int number) => $"00000000-0000-4000-9000-{number:D12}";

    public void Delete(int number)
    {
        _people.Remove(CycleFixture.Id(number));
        _deleted.Add(CycleFixture.Id(number));
        _changes.Add(CycleFixture.Id(number));
    }

    public async IAsyncEnumerable<SourceItem> ReadAsync(
        SourceLayout layout,
        string? watermark,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.CompletedTask;
        bool full = watermark is null || Expired;
        Expired = false;
        int since = full ? 0 : int.Parse(watermark!, CultureInfo.InvariantCulture);
        IEnumerable<string> anchors = full ? [.. _people.Keys] : _changes.Skip(since);
        foreach (string anchor in anchors.Where(a => !Hidden.Contains(a)))
        {
            if (Item(layout, anchor) is { } item)
                yield return item;
            else if (!full)
                yield return new SourceRemoval(anchor);
        }
        if (Garbled)
            yield return new SourceFault("entry 4", "The entry cannot be read.");
        foreach (SourceGroup group in Groups?.Values.ToArray() ?? [])
            yield return group;
        yield return new SourceEnd(
            full,
            _changes.Count.ToString(CultureInfo.InvariantCulture),
            0,
            ConfirmAbsence: true,
            Groups: Groups is not null
        );
    }

    public async IAsyncEnumerable<SourceItem> FindAsync(
        SourceLayout layout,
        IReadOnlyList<string> identities,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.CompletedTask;
        AskedFor.AddRange(identities);
        foreach (string anchor in identities)
        {
            yield return Item(layout, anchor)
                ?? (_deleted.Contains(anchor) ? new SourceRemoval(anchor) : new SourceFault(anchor, "There is no such user."));
        }
        yield return new SourceEnd(false, null, identities.Count);
    }

    private SourceItem? Item(SourceLayout layout, string anchor)
    {
        if (Broken.Contains(anchor))
            return new SourceFault(anchor, "The user cannot be read.", anchor);
        if (!_people.TryGetValue(anchor, out Person? person))
            return null;
        var user = new SourceObject(anchor, layout);
        Put("objectId", anchor);
        Put("userPrincipalName", person.UserPrincipalName);
        Put("givenName", $"Given{person.Number}");
        Put("surname", $"Family{person.Number}");
        Put("accountEnabled", person.Enabled);
        Put("jobTitle", person.Title);
        if (person.Manager is { } manager)
            Put("manager", new SourceReference(CycleFixture.Id(manager)));
        return new SourceEntry(user, NotEntitled: person.NotEntitled);

        void Put(string name, object value)
        {
            if (layout.SlotOf(name) is var slot and >= 0)
                user.Values[slot] = value;
        }
    }

    private sealed record Person(string UserPrincipalName, int Number, string Title, int? Manager, bool Enabled, string? NotEntitled);
}
