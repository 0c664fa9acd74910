using System.Text.Json.Nodes;

namespace TravelPerkScim.GraphStandIn;

/// <summary>The tenant behind the stand-in, and the edits an administrator could make to it.</summary>
public sealed class StandInDirectory
{
    /// <summary>The role of an assignment without a role.</summary>
    public const string DefaultAccess = "00000000-0000-0000-0000-000000000000";

    /// <summary>Id of TravelPerk's template in this gallery.</summary>
    public const string TravelPerkTemplate = "6f0a5f3b-1d1c-45b7-8a0e-2a7b6c1f9e42";

    private readonly Dictionary<string, StandInUser> _users = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, StandInGroup> _groups = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, StandInUser> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Random _ids;

    /// <param name="seed">Object ids follow from it.</param>
    public StandInDirectory(int seed = 1) => _ids = new Random(seed);

    /// <summary>Held while a request is answered.</summary>
    internal object Sync { get; } = new();

    internal long Change { get; private set; }

    internal List<StandInUser> UserOrder { get; } = [];

    internal List<StandInGroup> GroupOrder { get; } = [];

    public IReadOnlyCollection<StandInUser> Users => UserOrder;

    public IReadOnlyCollection<StandInGroup> Groups => GroupOrder;

    /// <summary>The enterprise applications.</summary>
    public List<StandInApplication> Applications { get; } = [];

    /// <summary>The gallery: ids of its templates with their names.</summary>
    public Dictionary<string, string> Gallery { get; } =
        new(StringComparer.Ordinal)
        {
            [TravelPerkTemplate] = "TravelPerk",
            ["0b1c7e0e-8d0b-4a2a-93d0-3c3f6a1f3d55"] = "TravelPerk Reports",
        };

    /// <summary>Names of directory extensions (<c>extension_...</c>) that users have here.</summary>
    public HashSet<string> Extensions { get; } = new(StringComparer.Ordinal);

    internal StandInUser? User(string idOrName) => _users.GetValueOrDefault(idOrName) ?? _byName.GetValueOrDefault(idOrName);

    internal StandInGroup? Group(string id) => _groups.GetValueOrDefault(id);

    /// <summary>How far look-ups and lists are behind; null when they are not.</summary>
    public StandInLag? Lag { get; set; }

    /// <summary>The provisioning service.</summary>
    public StandInSynchronizations Synchronization { get; } = new();

    /// <summary>Ids of objects that look-ups and lists do not know, while delta queries tell of them.</summary>
    public HashSet<string> Unseen { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Requests answered so far, those of a batch counted one by one: the clock of the lag.</summary>
    internal long Answered { get; set; }

    /// <summary>Look-ups and lists know everything from now on.</summary>
    public void CatchUp()
    {
        lock (Sync)
        {
            Lag = null;
            Unseen.Clear();
            Answered = int.MaxValue;
        }
    }

    /// <summary>Whether a look-up by id finds it.</summary>
    internal bool Finds(StandInObject? item) => item is { State: LifeState.Live } && Knows(item);

    /// <summary>Whether the recycle bin shows it.</summary>
    internal bool FindsDeleted(StandInObject? item) =>
        item is { State: LifeState.SoftDeleted } && Answered >= item.DeletedUnseenUntil && !Unseen.Contains(item.Id);

    /// <summary>Whether lists show it.</summary>
    internal bool Lists(string id) =>
        (_users.GetValueOrDefault(id) as StandInObject ?? _groups.GetValueOrDefault(id)) is { } item
        && (item.State == LifeState.Live ? Knows(item) : Answered < item.ListedUntil);

    /// <summary>Whether lists show that it is a member.</summary>
    internal bool ListsMember(StandInGroup group, string id) => Lists(id) && Answered >= group.UnlistedUntil.GetValueOrDefault(id);

    private bool Knows(StandInObject item) => Answered >= item.UnseenUntil && !Unseen.Contains(item.Id);

    internal long Late() => Lag is { } lag && lag.Random.NextDouble() < lag.Share ? Answered + lag.Random.Next(1, lag.Requests + 1) : 0;

    internal bool IsLive(string id) =>
        (_users.GetValueOrDefault(id) as StandInObject ?? _groups.GetValueOrDefault(id)) is { State: LifeState.Live };

    /// <summary>Adds an enabled user with a display name like its user name.</summary>
    public StandInUser AddUser(string userPrincipalName, params (string Name, object? Value)[] properties)
    {
        lock (Sync)
        {
            var user = new StandInUser(NewId()) { Changed = ++Change, UnseenUntil = Late() };
            user.Set("userPrincipalName", userPrincipalName);
            user.Set("displayName", userPrincipalName.Split('@')[0]);
            user.Set("accountEnabled", true);
            foreach ((string name, object? value) in properties)
                user.Set(name, value);
            UserOrder.Add(user);
            return _users[user.Id] = _byName[userPrincipalName] = user;
        }
    }

    /// <summary>Sets one property; null clears it.</summary>
    public void Set(StandInUser user, string property, object? value) =>
        Edit(change =>
        {
            if (property == "userPrincipalName")
            {
                _byName.Remove(user.UserPrincipalName);
                _byName[(string)value!] = user;
            }
            user.Set(property, value);
            user.Touch(property, change);
            user.UnseenUntil = Late();
        });

    public void SetManager(StandInUser user, StandInUser? manager) =>
        Edit(change =>
        {
            user.ManagerId = manager?.Id;
            user.Touch("manager", change);
        });

    public StandInGroup AddGroup(string displayName)
    {
        lock (Sync)
        {
            var group = new StandInGroup(NewId(), displayName) { Changed = ++Change, UnseenUntil = Late() };
            GroupOrder.Add(group);
            return _groups[group.Id] = group;
        }
    }

    public void Rename(StandInGroup group, string displayName) =>
        Edit(change =>
        {
            group.DisplayName = displayName;
            group.Changed = change;
            group.UnseenUntil = Late();
        });

    /// <param name="group">Whose member.</param>
    /// <param name="members">Users or groups.</param>
    public void AddMember(StandInGroup group, params IEnumerable<StandInObject> members) => Link(group, members, present: true);

    public void RemoveMember(StandInGroup group, params IEnumerable<StandInObject> members) => Link(group, members, present: false);

    /// <summary>To the recycle bin. Memberships and assignments disappear until it is restored.</summary>
    public void SoftDelete(StandInObject item) => Move(item, LifeState.SoftDeleted);

    /// <summary>For good.</summary>
    public void Purge(StandInObject item) => Move(item, LifeState.Gone);

    /// <summary>Out of the recycle bin.</summary>
    public void Restore(StandInObject item) => Move(item, LifeState.Live);

    /// <summary>Adds an application whose roles have these values.</summary>
    public StandInApplication AddApplication(string displayName, params string[] roles)
    {
        lock (Sync)
        {
            (string id, string appId) = (NewId(), NewId());
            JsonArray all = [.. roles.Select(role => StandInApplication.Role(NewId(), role, role))];
            var application = new StandInApplication(id, appId, NewId(), displayName, null, all, assignmentRequired: false, seenFrom: 0);
            Applications.Add(application);
            return application;
        }
    }

    /// <summary>Adds an application of the gallery, with its two roles.</summary>
    public StandInApplication AddFromTemplate(string templateId, string displayName)
    {
        lock (Sync)
        {
            JsonArray roles = [StandInApplication.Role(NewId(), "User", null), StandInApplication.Role(NewId(), "msiam_access", null)];
            var application = new StandInApplication(
                NewId(),
                NewId(),
                NewId(),
                displayName,
                templateId,
                roles,
                assignmentRequired: true,
                Late()
            );
            Applications.Add(application);
            return application;
        }
    }

    /// <summary>Assigns a user or group to an application.</summary>
    /// <param name="application">To what.</param>
    /// <param name="principal">Who.</param>
    /// <param name="role">Value of one of its roles; null is default access.</param>
    public void Assign(StandInApplication application, StandInObject principal, string? role = null)
    {
        lock (Sync)
        {
            string roleId = RoleId(application, role);
            if (!application.Assignments.Any(assignment => assignment.PrincipalId == principal.Id && assignment.RoleId == roleId))
                application.Assignments.Add(new StandInAssignment(NewId(), principal.Id, roleId, Late()));
        }
    }

    public void Unassign(StandInApplication application, StandInObject principal, string? role = null)
    {
        lock (Sync)
        {
            string roleId = RoleId(application, role);
            application.Assignments.RemoveAll(assignment => assignment.PrincipalId == principal.Id && assignment.RoleId == roleId);
        }
    }

    private static string RoleId(StandInApplication application, string? role) => role is null ? DefaultAccess : application.Roles[role];

    private void Edit(Action<long> edit)
    {
        lock (Sync)
            edit(++Change);
    }

    private void Link(StandInGroup group, IEnumerable<StandInObject> members, bool present) =>
        Edit(change =>
        {
            group.Changed = change;
            foreach (StandInObject member in members)
            {
                group.Links[member.Id] = (present, change);
                if (present)
                    group.UnlistedUntil[member.Id] = Late();
            }
        });

    private void Move(StandInObject item, LifeState state) =>
        Edit(change =>
        {
            item.State = state;
            item.Changed = change;
            if (state == LifeState.Live)
                item.UnseenUntil = Late();
            else
                item.ListedUntil = Late();
            if (state == LifeState.SoftDeleted)
                item.DeletedUnseenUntil = Late();
            if (item is StandInUser user && state != LifeState.SoftDeleted)
            {
                if (state == LifeState.Gone)
                    _byName.Remove(user.UserPrincipalName);
                user.Touch("accountEnabled", change);
            }
            // A deleted manager is nobody's manager, and one restored is again.
            foreach (StandInUser report in UserOrder.Where(report => report.ManagerId == item.Id))
                report.Touch("manager", change);
            // A delta of the group says that a deleted member left, and a restored one came back.
            foreach (StandInGroup group in GroupOrder)
            {
                if (!group.Links.TryGetValue(item.Id, out (bool Present, long Changed) link) || !link.Present)
                    continue;
                group.Links[item.Id] = (true, change);
                group.Changed = change;
            }
        });

    internal string NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _ids.NextBytes(bytes);
        return new Guid(bytes).ToString("D");
    }
}
