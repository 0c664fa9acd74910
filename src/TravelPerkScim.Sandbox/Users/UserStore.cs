using System.Globalization;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>Changes in place the content of a written user before it is kept.</summary>
/// <param name="before">The content before; null for a new user.</param>
/// <param name="content">The new content.</param>
internal delegate void KeptContent(JsonObject? before, JsonObject content);

/// <summary>The users. Each write is checked and carried out as a whole under one lock, or not at all.</summary>
internal sealed class UserStore(Uri baseUri, SandboxOptions options, UserSchemas schemas)
{
    private readonly object _gate = new();
    private readonly UserIndex _index = new();
    private readonly UserDocument _document = new(baseUri, schemas);
    private readonly PatchApplier _patch = new(schemas);
    private readonly TravelPerkRules _rules = new(options);
    private readonly TimeProvider _timeProvider = options.TimeProvider;
    private long _lastId;
    private long _writes;

    /// <summary>Creates, replaces, patches that changed something, and deletes, since the start.</summary>
    public long WriteCount => Interlocked.Read(ref _writes);

    /// <summary>The id the next user gets.</summary>
    public long NextId => Read(_ => _lastId + 1);

    public UserApprovals Approvals { get; } = new(options.CreateApprovalProcesses);

    public string Location(StoredUser user) => _document.Location(user.Id);

    /// <summary>Runs a query on the index while nothing changes.</summary>
    public T Read<T>(Func<UserIndex, T> query)
    {
        lock (_gate)
            return query(_index);
    }

    /// <summary>The users as they are now, in a list of the caller's own.</summary>
    public StoredUser[] Snapshot() => Read(index => index.Ordered.ToArray());

    public StoredUser? Find(string id) => Read(index => index.Find(id));

    /// <param name="body">The body of the request.</param>
    /// <param name="keep">Changes the content before it is kept. Null changes nothing.</param>
    public StoredUser Create(JsonObject body, KeptContent? keep = null)
    {
        JsonObject content = Read(body);
        keep?.Invoke(null, content);
        lock (_gate)
            return Commit(null, content);
    }

    public StoredUser Replace(string id, JsonObject body, KeptContent keep)
    {
        JsonObject content = Read(body);
        lock (_gate)
        {
            StoredUser before = Existing(id);
            ImmutableValues.Check(_document.ReadContent(before), content, schemas, keepOmitted: true);
            keep(_document.ReadContent(before), content);
            return CommitIfChanged(before, content);
        }
    }

    public StoredUser Patch(string id, IReadOnlyList<PatchStep> steps, KeptContent keep)
    {
        lock (_gate)
        {
            StoredUser before = Existing(id);
            JsonObject content = _document.ReadContent(before);
            _patch.Apply(content, steps);
            ManagerReference.KeepIdOnly(content, before.ManagerId?.ToString(CultureInfo.InvariantCulture));
            PrimaryValue.Check(content, schemas.User.Attributes);
            _rules.Apply(content);
            ImmutableValues.Check(_document.ReadContent(before), content, schemas, keepOmitted: false);
            keep(_document.ReadContent(before), content);
            return CommitIfChanged(before, content);
        }
    }

    /// <summary>The user is gone, its userName is free again, and it manages no other user any more.</summary>
    public void Delete(string id)
    {
        lock (_gate)
        {
            StoredUser user = Existing(id);
            foreach (StoredUser report in _index.ReportsOf(user.Id))
                ClearManager(report);
            _index.Remove(user);
            Approvals.Remove(user.Id);
            _ = Interlocked.Increment(ref _writes);
        }
    }

    private JsonObject Read(JsonObject body)
    {
        JsonObject content = ResourceReader.ReadUser(body, schemas);
        ManagerReference.KeepIdOnly(content);
        PrimaryValue.Check(content, schemas.User.Attributes);
        _rules.Apply(content);
        return content;
    }

    private StoredUser Existing(string id) => _index.Find(id) ?? throw ScimErrorException.UserNotFound(id);

    private StoredUser CommitIfChanged(StoredUser before, JsonObject content)
    {
        // meta.lastModified stands still when nothing changes (RFC 7644 section 3.5.2).
        return JsonNode.DeepEquals(_document.ReadContent(before), content) ? before : Commit(before, content);
    }

    private StoredUser Commit(StoredUser? before, JsonObject content)
    {
        string userName = content["userName"]!.GetValue<string>();
        if (_index.FindUserName(userName) is { } holder && holder.Id != before?.Id)
            throw ScimErrorException.Uniqueness($"A user with userName \"{userName}\" already exists. The userName must be unique.");
        StoredUser? manager = FindManager(content);
        DateTimeOffset now = _timeProvider.GetUtcNow();
        StoredUser user = _document.Write(before?.Id ?? ++_lastId, content, manager, before?.Created ?? now, now);
        if (manager?.Id == user.Id)
        {
            throw ScimErrorException.InvalidValue(
                $"Value {user.Id} is not valid for attribute 'manager'. A user cannot be their own manager."
            );
        }
        _index.Put(user);
        Approvals.Record(user);
        _ = Interlocked.Increment(ref _writes);
        if (before is not null && before.DisplayName != user.DisplayName)
            RenameManager(user);
        return user;
    }

    private StoredUser? FindManager(JsonObject content)
    {
        if (content[SchemaDefinition.Enterprise.Urn]?["manager"] is null)
            return null;
        string value = ManagerReference.Id(content) ?? throw ScimErrorException.InvalidValue("Attribute 'manager' needs a value.");
        return _index.Find(value)
            ?? throw ScimErrorException.InvalidValue(
                $"Value {value} is not valid for attribute 'manager'. The object with that id does not exist"
            );
    }

    /// <summary>Updates the manager's name that the reports show. The server's own update is no modification of a report.</summary>
    private void RenameManager(StoredUser manager)
    {
        foreach (StoredUser report in _index.ReportsOf(manager.Id))
            _index.Put(_document.Write(report.Id, _document.ReadContent(report), manager, report.Created, LastModified(report)));
    }

    private void ClearManager(StoredUser report)
    {
        JsonObject content = _document.ReadContent(report);
        JsonObject enterprise = content[SchemaDefinition.Enterprise.Urn]!.AsObject();
        _ = enterprise.Remove("manager");
        if (enterprise.Count == 0)
            _ = content.Remove(SchemaDefinition.Enterprise.Urn);
        StoredUser cleared = _document.Write(report.Id, content, null, report.Created, _timeProvider.GetUtcNow());
        _index.Put(cleared);
        Approvals.Record(cleared);
    }

    private static DateTimeOffset LastModified(StoredUser user) =>
        DateTimeOffset.Parse(ScimJson.ParseStored(user.Json)["meta"]!["lastModified"]!.GetValue<string>(), CultureInfo.InvariantCulture);
}
