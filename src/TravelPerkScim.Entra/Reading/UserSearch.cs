using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Reads just these users.</summary>
/// <param name="run">Reads users.</param>
/// <param name="nested">Groups inside groups count.</param>
/// <param name="read">The entitled users, as a read has found them. With null, the search asks for the groups of each user, and not for the
/// members of the groups.</param>
internal sealed class UserSearch(SourceRun run, bool nested, Entitled? read)
{
    public async IAsyncEnumerable<SourceItem> FindAsync(
        IReadOnlyList<string> identities,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ILookup<bool, string> wanted = identities
            .Select(identity => SourceAnchor.Canonical(identity ?? ""))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .ToLookup(IsIdentity);
        foreach (string stranger in wanted[false])
            yield return new SourceFault(stranger, "This is neither an object id nor a userPrincipalName.");
        var guests = new List<string>();
        await foreach (SourceItem item in ReadAsync([.. wanted[true]], cancellationToken).ConfigureAwait(false))
        {
            string? guest = item is SourceFault { Anchor: null, Position: var name }
                ? await GuestAsync(name, cancellationToken).ConfigureAwait(false)
                : null;
            if (guest is null)
                yield return item;
            else
                guests.Add(guest);
        }
        await foreach (SourceItem item in ReadAsync([.. guests], cancellationToken).ConfigureAwait(false))
            yield return item;
        yield return new SourceEnd(FullRead: false, Watermark: null, wanted.Sum(some => some.Count()));
    }

    private IAsyncEnumerable<SourceItem> ReadAsync(string[] identities, CancellationToken cancellationToken) =>
        read is null ? WithOwnGroupsAsync(identities, cancellationToken) : AsReadAsync(identities, read, cancellationToken);

    /// <summary>Object id of the guest whose userPrincipalName is made of this home address; null when there is none, or more than
    /// one.</summary>
    private async Task<string?> GuestAsync(string homeAddress, CancellationToken cancellationToken)
    {
        if (GuestName.PrefixOf(homeAddress) is not { } prefix)
            return null;
        RequestInformation request = run.Requests.Client.Users.ToGetRequestInformation(options =>
        {
            options.QueryParameters.Filter = $"startswith(userPrincipalName,'{GraphRequests.Quoted(prefix)}')";
            options.QueryParameters.Select = ["id", "userPrincipalName"];
        });
        var found = new List<Guid>();
        await foreach (JsonElement item in run.Requests.ListAsync(request, GraphNeed.Users, null, cancellationToken).ConfigureAwait(false))
        {
            string? name = JsonText.Of(item, "userPrincipalName");
            if (name is not null && GuestName.Home(name).Equals(homeAddress, StringComparison.OrdinalIgnoreCase))
                found.Add(GraphValues.Id(item));
        }
        return found is [var id] ? id.ToString("D") : null;
    }

    private async IAsyncEnumerable<SourceItem> AsReadAsync(
        IEnumerable<string> identities,
        Entitled who,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var batch = new UserBatch(run.Requests, run.Select.SingleQuery, groups: null);
        await foreach (FoundUser found in batch.ReadAsync(identities, cancellationToken).ConfigureAwait(false))
            yield return found.State == FoundState.Found ? run.Entry(GraphValues.Id(found.User), found.User, who) : Without(found);
    }

    private async IAsyncEnumerable<SourceItem> WithOwnGroupsAsync(
        string[] identities,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var membership = new Membership();
        if (identities.Length > 0)
            await run.ReadAssignmentsAsync(membership, cancellationToken).ConfigureAwait(false);
        ILookup<Guid, Guid> rolesOf = membership.Assignments.ToLookup(assignment => assignment.Principal, assignment => assignment.Role);
        Guid[] assignedGroups = [.. membership.AssignedGroups];
        bool? pending = null;
        string groupsOf = nested ? "transitiveMemberOf" : "memberOf";
        var batch = new UserBatch(run.Requests, run.Select.SingleQuery, assignedGroups.Length > 0 ? groupsOf : null);
        await foreach (FoundUser found in batch.ReadAsync(identities, cancellationToken).ConfigureAwait(false))
        {
            List<Guid>? principals = await PrincipalsAsync(found, cancellationToken).ConfigureAwait(false);
            if (principals is null)
            {
                yield return Without(found);
                continue;
            }
            Guid[] roles = [.. principals.SelectMany(principal => rolesOf[principal]).Distinct()];
            // A group that is not found lists no members, and is in no list of groups.
            if (roles.Length == 0 && run.OnlyAssigned)
            {
                pending ??=
                    membership.UnreadAssignments > 0 || await IsOneMissingAsync(assignedGroups, cancellationToken).ConfigureAwait(false);
            }
            yield return run.Entry(
                principals[0],
                found.User,
                new UserEntitlement(roles.Length > 0 ? roles : null, pending is true),
                membership
            );
        }
    }

    /// <summary>The user and the user's groups; null when the user did not come, or the groups cannot be read to the end.</summary>
    private async Task<List<Guid>?> PrincipalsAsync(FoundUser found, CancellationToken cancellationToken)
    {
        if (found.State != FoundState.Found)
            return null;
        List<Guid> principals = [GraphValues.Id(found.User)];
        if (found.Groups is not { } groups)
            return principals;
        try
        {
            IAsyncEnumerable<JsonElement> pages = run.Requests.ContinueAsync(groups, GraphNeed.Groups, cancellationToken);
            await foreach (JsonElement group in pages.ConfigureAwait(false))
            {
                if (GraphValues.TryId(group) is not { } id)
                    return null;
                principals.Add(id);
            }
            return principals;
        }
        catch (SourceException e) when (e.Failure == SourceFailure.NotFound)
        {
            return null;
        }
    }

    private async Task<bool> IsOneMissingAsync(Guid[] groups, CancellationToken cancellationToken)
    {
        BatchAnswer[] answers = await new GraphBatch(run.Requests)
            .GetAsync([.. groups.Select(id => ($"/groups/{id:D}?$select=id", GraphNeed.Groups))], cancellationToken)
            .ConfigureAwait(false);
        return answers.Any(answer => answer.State != BatchState.Found);
    }

    private SourceItem Without(FoundUser found)
    {
        bool byId = Guid.TryParseExact(found.Identity, "D", out Guid id);
        return found.State switch
        {
            FoundState.SoftDeleted => run.SoftDeleted(id),
            FoundState.NotFound when byId => SourceRun.NotFound(found.Identity),
            FoundState.NotFound => new SourceFault(found.Identity, "The directory has no user with this userPrincipalName."),
            _ => SourceRun.Unreadable(found.Identity, byId ? found.Identity : null),
        };
    }

    private static bool IsIdentity(string identity) =>
        Guid.TryParseExact(identity, "D", out _) || identity.Contains('@', StringComparison.Ordinal);
}
