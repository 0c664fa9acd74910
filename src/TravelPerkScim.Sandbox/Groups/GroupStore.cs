using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Groups;

/// <summary>The groups. Each write is checked and carried out as a whole under one lock, or not at all.</summary>
internal sealed class GroupStore(UserStore users, TimeProvider timeProvider)
{
    private readonly object _gate = new();
    private readonly SortedDictionary<long, StoredGroup> _groups = [];
    private long _lastId;
    private long _writes;

    /// <summary>Creates, replaces, patches that changed something, and deletes, since the start.</summary>
    public long WriteCount => Interlocked.Read(ref _writes);

    public IReadOnlyList<StoredGroup> All
    {
        get
        {
            lock (_gate)
                return [.. _groups.Values];
        }
    }

    public StoredGroup? Find(string id)
    {
        lock (_gate)
            return _groups.GetValueOrDefault(NumberOf(id));
    }

    /// <summary>The groups a user is in.</summary>
    public IReadOnlyList<StoredGroup> Of(long userId) => [.. All.Where(group => group.Members.Contains(userId))];

    public StoredGroup Create(JsonObject content)
    {
        lock (_gate)
        {
            // A letter in front: an id is opaque text, and a client that takes it for a number must fail here.
            DateTimeOffset now = timeProvider.GetUtcNow();
            string id = "G" + (_lastId + 1).ToString(CultureInfo.InvariantCulture);
            StoredGroup created = Commit(new StoredGroup(id, "", null, [], now, now), content);
            _lastId++;
            return created;
        }
    }

    public StoredGroup Replace(string id, JsonObject content)
    {
        lock (_gate)
            return Commit(Existing(id), content);
    }

    public StoredGroup Patch(string id, IReadOnlyList<PatchStep> steps)
    {
        lock (_gate)
        {
            StoredGroup before = Existing(id);
            JsonObject content = GroupDocument.Content(before);
            GroupPatch.Apply(content, steps);
            return Commit(before, content);
        }
    }

    public void Delete(string id)
    {
        lock (_gate)
        {
            Existing(id);
            _ = _groups.Remove(NumberOf(id));
            _ = Interlocked.Increment(ref _writes);
        }
    }

    /// <summary>The user is gone, and in no group any more.</summary>
    public void Forget(long userId)
    {
        lock (_gate)
        {
            foreach (StoredGroup group in Of(userId))
                _groups[NumberOf(group.Id)] = group with { Members = group.Members.Remove(userId), Modified = timeProvider.GetUtcNow() };
        }
    }

    private StoredGroup Existing(string id) => _groups.GetValueOrDefault(NumberOf(id)) ?? throw ScimErrorException.GroupNotFound(id);

    private StoredGroup Commit(StoredGroup before, JsonObject content)
    {
        string name = ScimJson.Text(content["displayName"]) is { Length: > 0 } given
            ? given
            : throw ScimErrorException.InvalidValue("Attribute 'displayName' is required.");
        if (
            _groups.Values.Any(group => group.Id != before.Id && string.Equals(group.DisplayName, name, StringComparison.OrdinalIgnoreCase))
        )
        {
            throw ScimErrorException.Uniqueness($"A group with displayName \"{name}\" already exists. The displayName must be unique.");
        }
        StoredGroup after = before with
        {
            DisplayName = name,
            ExternalId = ScimJson.Text(content["externalId"]),
            Members = [.. Members(content)],
        };
        // meta.lastModified stands still when nothing changes (RFC 7644 section 3.5.2).
        if (after.DisplayName == before.DisplayName && after.ExternalId == before.ExternalId && after.Members.SetEquals(before.Members))
        {
            return before;
        }
        after = after with { Modified = timeProvider.GetUtcNow() };
        _groups[NumberOf(before.Id)] = after;
        _ = Interlocked.Increment(ref _writes);
        return after;
    }

    private IEnumerable<long> Members(JsonObject content)
    {
        foreach (JsonNode? member in content["members"] as JsonArray ?? [])
        {
            string value =
                ScimJson.Text(member?["value"])
                ?? throw ScimErrorException.InvalidValue("Attribute 'members' needs a value in each element.");
            yield return users.Find(value)?.Id
                ?? throw ScimErrorException.InvalidValue(
                    $"Value {value} is not valid for attribute 'members'. The object with that id does not exist"
                );
        }
    }

    private static long NumberOf(string id) => id.StartsWith('G') && UserIndex.TryParseId(id[1..], out long number) ? number : 0;
}
