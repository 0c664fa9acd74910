using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Reading;

/// <summary>The parts that the reads of one source and layout share: which users are entitled, and how users become entries.</summary>
internal sealed class SourceRun
{
    private readonly EntraSourceSettings _settings;
    private readonly SourceLayout _layout;
    private readonly GraphValues _values;
    private readonly int _roles;
    private readonly TimeProvider _time;
    private readonly Assignments? _assignments;
    private readonly GroupsDelta? _groups;

    public SourceRun(EntraDirectory directory, EntraSourceSettings settings, SourceLayout layout)
    {
        (_settings, _layout, _time) = (settings, layout, directory.Options.TimeProvider);
        Select = new GraphSelect(layout);
        Requests = new GraphRequests(directory);
        Users = new UsersDelta(Requests, Select, directory.Options.Filters);
        _values = new GraphValues(layout);
        _roles = layout.SlotOf("appRoleAssignments");
        bool everyone = settings.Scope == EntitlementScope.All;
        if (settings.ApplicationId is { } application && (!everyone || Select.HasRoles))
            _assignments = new Assignments(Requests, application);
        if (_assignments is not null || settings.ReadGroups)
        {
            bool everyGroup = everyone && settings.ReadGroups;
            _groups = new GroupsDelta(Requests, settings.IncludeNestedGroups, everyGroup, directory.Options.Filters, _time);
        }
        Fingerprint = FingerprintOf(directory, settings, string.Join(',', Select.Delta.Order(StringComparer.Ordinal)), Select.HasRoles);
    }

    public GraphSelect Select { get; }

    public GraphRequests Requests { get; }

    public UsersDelta Users { get; }

    public string Fingerprint { get; }

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Whether assignments matter.</summary>
    public bool ReadsAssignments => _assignments is not null;

    /// <summary>Only assigned users are entitled.</summary>
    public bool OnlyAssigned => _settings.Scope == EntitlementScope.Assigned;

    /// <summary>Brings assignments and groups up to date.</summary>
    public async Task UpdateAsync(Membership membership, CancellationToken cancellationToken)
    {
        await ReadAssignmentsAsync(membership, cancellationToken).ConfigureAwait(false);
        if (OnlyAssigned)
        {
            membership.Size = await TenantSize.UpToDateAsync(membership.Size, Requests, Now, cancellationToken).ConfigureAwait(false);
            if (membership.Size.Users is { } users)
                Requests.Gate.Pace.TenantHas(users);
        }
        if (_groups is not null)
            await _groups.UpdateAsync(membership, cancellationToken).ConfigureAwait(false);
    }

    public Task ReadAssignmentsAsync(Membership membership, CancellationToken cancellationToken) =>
        _assignments?.ReadAsync(membership, cancellationToken) ?? Task.CompletedTask;

    public Entitlement Resolve(Membership membership) => new(membership, Select.HasRoles);

    /// <param name="id">The user's object id.</param>
    /// <param name="user">The user, whole.</param>
    /// <param name="who">The entitled users.</param>
    public SourceItem Entry(Guid id, JsonElement user, Entitled who)
    {
        SourceItem item = Entry(id, user, who.Entitlement.Of(id), who.Membership);
        return item is SourceEntry { NotEntitled: not null } entry ? entry with { LostGroup = who.GroupsLostBy(id) } : item;
    }

    /// <param name="id">The user's object id.</param>
    /// <param name="user">The user, whole.</param>
    /// <param name="entitlement">The user's entitlement.</param>
    /// <param name="membership">The names of the application and its roles.</param>
    public SourceItem Entry(Guid id, JsonElement user, UserEntitlement entitlement, Membership membership)
    {
        SourceObject result;
        try
        {
            result = _values.Read(id, user);
        }
        catch (UnreadableUserException e)
        {
            return new SourceFault(id.ToString("D"), e.Message, id.ToString("D"));
        }
        if (_roles >= 0 && entitlement.Roles is not null && RoleNames(entitlement.Roles, membership) is { Length: > 0 } names)
            result.Values[_roles] = names;
        if (_settings.Scope == EntitlementScope.All || entitlement.Roles is not null)
            return new SourceEntry(result);
        return new SourceEntry(
            result,
            NotEntitled: $"is not assigned to the enterprise application '{membership.ApplicationName}', directly or by a group",
            EntitlementUnknown: entitlement.Pending
        );
    }

    public SourceEntry SoftDeleted(Guid id) => new(new SourceObject(id.ToString("D"), _layout), SoftDeleted: true);

    /// <summary>A list named the user, and a request for the user does not find it.</summary>
    public static SourceNotFound NotFound(string anchor) =>
        new(
            anchor,
            "Microsoft Graph does not find the user by id at the moment, neither among the users nor among the deleted ones. "
                + "A change takes a while to reach every copy of the directory."
        );

    public static SourceFault Unreadable(string identity, string? anchor) =>
        new(
            identity,
            "Microsoft Graph gave no answer about this user that can be used, or one about another user. "
                + "If it stays so, check what stands between (a proxy).",
            anchor
        );

    /// <summary>Notices for the administrator about a membership that is not whole.</summary>
    public static IEnumerable<SourceNotice> Notices(Membership membership)
    {
        if (membership.UnreadAssignments > 0)
        {
            yield return new SourceNotice(
                $"{membership.UnreadAssignments} assignments of the enterprise application '{membership.ApplicationName}' cannot be read. "
                    + Kept
            );
        }
        foreach (Guid id in membership.PendingGroups())
        {
            yield return new SourceNotice(
                $"Microsoft Graph does not find the group {id} at the moment, although it names the group as assigned "
                    + $"or inside an assigned group. {Kept} The next cycle asks for the group again."
            );
        }
    }

    private const string Kept = "Until it is known who is entitled, linked users stay as they are.";

    /// <summary>Every entitled group could be listed.</summary>
    public static bool AllGroupsKnown(Membership membership) => membership.Groups.Values.All(group => group.Missing || group.HasName);

    public IEnumerable<SourceGroup> Groups(Membership membership)
    {
        if (!_settings.ReadGroups)
            yield break;
        IEnumerable<Guid> entitled = _settings.Scope == EntitlementScope.All ? membership.Groups.Keys.Order() : membership.AssignedGroups;
        foreach (Guid id in entitled)
        {
            if (!membership.Groups.TryGetValue(id, out KeptGroup? group) || !group.IsListed)
                continue;
            // A group keeps the groups inside it only where nested groups count.
            IEnumerable<Guid> members = membership.WithNested(id).SelectMany(one => one.Users).Distinct();
            yield return new SourceGroup(id.ToString("D"), group.DisplayName, [.. members.Order().Select(member => member.ToString("D"))]);
        }
    }

    /// <summary>Users read whole, as they are now.</summary>
    public async IAsyncEnumerable<SourceItem> ReadUsersAsync(
        IEnumerable<Guid> ids,
        Func<Guid, bool> isDeleted,
        Entitled who,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var batch = new UserBatch(Requests, Select.SingleQuery, groups: null);
        await foreach (FoundUser found in batch.ReadAsync(ids.Select(id => id.ToString("D")), cancellationToken).ConfigureAwait(false))
        {
            var id = Guid.ParseExact(found.Identity, "D");
            yield return found.State switch
            {
                FoundState.Found => Entry(id, found.User, who),
                FoundState.SoftDeleted => SoftDeleted(id),
                FoundState.NotFound when isDeleted(id) => new SourceRemoval(found.Identity),
                FoundState.NotFound => NotFound(found.Identity) with { Named = true },
                _ => Unreadable(found.Identity, found.Identity),
            };
        }
    }

    private static object?[] RoleNames(IReadOnlyList<Guid> roles, Membership membership) =>
        [
            .. roles
                .Select(role => membership.Roles.GetValueOrDefault(role, ""))
                .Where(name => name.Length > 0)
                .Order(StringComparer.Ordinal),
        ];

    private static string FingerprintOf(EntraDirectory directory, EntraSourceSettings settings, string select, bool roles)
    {
        string all = string.Join('\n', directory.Options.GraphEndpoint, directory.Options.TenantId, select, roles, settings);
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(all)).AsSpan(0, 16));
    }
}
