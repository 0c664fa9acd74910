using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Mapping;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Reading;

/// <summary>What the reads of one source and layout share: who is entitled, and how users become entries.</summary>
internal sealed class SourceRun
{
    private readonly EntraSourceSettings _settings;
    private readonly SourceLayout _layout;
    private readonly GraphValues _values;
    private readonly int _roles;
    private readonly Assignments? _assignments;
    private readonly GroupsDelta? _groups;

    public SourceRun(EntraDirectory directory, EntraSourceSettings settings, SourceLayout layout)
    {
        (_settings, _layout) = (settings, layout);
        Select = new GraphSelect(layout);
        Requests = new GraphRequests(directory);
        Users = new UsersDelta(Requests, Select);
        _values = new GraphValues(layout);
        _roles = layout.SlotOf("appRoleAssignments");
        bool everyone = settings.Scope == EntitlementScope.All;
        if (settings.ApplicationId is { } application && (!everyone || Select.HasRoles))
            _assignments = new Assignments(Requests, application);
        if (_assignments is not null || settings.ReadGroups)
            _groups = new GroupsDelta(Requests, settings.IncludeNestedGroups, everyone && settings.ReadGroups);
        Fingerprint = FingerprintOf(directory, settings, string.Join(',', Select.Delta.Order(StringComparer.Ordinal)), Select.HasRoles);
    }

    public GraphSelect Select { get; }

    public GraphRequests Requests { get; }

    public UsersDelta Users { get; }

    public string Fingerprint { get; }

    /// <summary>Whether it matters who is assigned.</summary>
    public bool ReadsAssignments => _assignments is not null;

    /// <summary>Brings assignments and groups up to date.</summary>
    public async Task UpdateAsync(Membership membership, CancellationToken cancellationToken)
    {
        await ReadAssignmentsAsync(membership, cancellationToken).ConfigureAwait(false);
        if (_groups is not null)
            await _groups.UpdateAsync(membership, cancellationToken).ConfigureAwait(false);
    }

    public Task ReadAssignmentsAsync(Membership membership, CancellationToken cancellationToken) =>
        _assignments?.ReadAsync(membership, cancellationToken) ?? Task.CompletedTask;

    public Entitlement Resolve(Membership membership) => new(membership, Select.HasRoles);

    public SourceEntry Entry(Guid id, JsonElement user, IReadOnlyList<Guid>? roles, Membership membership)
    {
        SourceObject result = _values.Read(id, user);
        if (_roles >= 0 && roles is not null && RoleNames(roles, membership) is { Length: > 0 } names)
            result.Values[_roles] = names;
        bool entitled = _settings.Scope == EntitlementScope.All || roles is not null;
        return new SourceEntry(result, NotEntitled: entitled ? null : $"is not assigned to the enterprise application '{membership.ApplicationName}', directly or by a group");
    }

    public SourceEntry SoftDeleted(Guid id) => new(new SourceObject(id.ToString("D"), _layout), SoftDeleted: true);

    public IEnumerable<SourceGroup> Groups(Membership membership)
    {
        if (!_settings.ReadGroups)
            yield break;
        IEnumerable<Guid> entitled = _settings.Scope == EntitlementScope.All ? membership.Groups.Keys.Order() : membership.AssignedGroups;
        foreach (Guid id in entitled)
        {
            if (!membership.Groups.TryGetValue(id, out KeptGroup? group) || group.Missing)
                continue;
            IEnumerable<Guid> members = _settings.IncludeNestedGroups ? membership.WithNested(id).SelectMany(one => one.Users).Distinct() : group.Users;
            yield return new SourceGroup(id.ToString("D"), group.DisplayName, [.. members.Order().Select(member => member.ToString("D"))]);
        }
    }

    /// <summary>Users read whole, as they are now.</summary>
    public async IAsyncEnumerable<SourceItem> ReadUsersAsync(
        IEnumerable<Guid> ids, Func<Guid, bool> isDeleted, Entitlement entitlement, Membership membership, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new UserBatch(Requests, Select.SingleQuery, groups: null);
        await foreach (FoundUser found in batch.ReadAsync(ids.Select(id => id.ToString("D")), cancellationToken).ConfigureAwait(false))
        {
            Guid id = Guid.ParseExact(found.Identity, "D");
            yield return found.User is { } user ? Entry(id, user, entitlement.RolesOf(id), membership)
                : !found.Restorable && isDeleted(id) ? new SourceRemoval(found.Identity)
                : SoftDeleted(id);
        }
    }

    private static object?[] RoleNames(IReadOnlyList<Guid> roles, Membership membership) =>
        [.. roles.Select(role => membership.Roles.GetValueOrDefault(role, "")).Where(name => name.Length > 0).Order(StringComparer.Ordinal)];

    private static string FingerprintOf(EntraDirectory directory, EntraSourceSettings settings, string select, bool roles)
    {
        string all = string.Join('\n', directory.Options.GraphEndpoint, directory.Options.TenantId, select, roles, settings);
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(all)).AsSpan(0, 16));
    }
}
