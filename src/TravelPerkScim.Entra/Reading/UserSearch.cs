using System.Runtime.CompilerServices;
using System.Text.Json;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Reads just these users, with their own entitlement: it asks which groups they are in, not who is in the groups.</summary>
internal sealed class UserSearch(SourceRun run, bool nested)
{
    public async IAsyncEnumerable<SourceItem> FindAsync(IReadOnlyList<string> identities, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = identities.Select(identity => SourceAnchor.Canonical(identity ?? "")).Distinct(StringComparer.OrdinalIgnoreCase).ToLookup(IsIdentity);
        foreach (string stranger in wanted[false])
            yield return new SourceFault(stranger, "This is neither an object id nor a userPrincipalName.");
        var membership = new Membership();
        if (wanted[true].Any())
            await run.ReadAssignmentsAsync(membership, cancellationToken).ConfigureAwait(false);
        var roles = membership.Assignments.ToLookup(assignment => assignment.Principal, assignment => assignment.Role);
        bool byGroup = membership.Assignments.Any(assignment => assignment.IsGroup);
        var batch = new UserBatch(run.Requests, run.Select.SingleQuery, byGroup ? nested ? "transitiveMemberOf" : "memberOf" : null);
        await foreach (FoundUser found in batch.ReadAsync(wanted[true], cancellationToken).ConfigureAwait(false))
        {
            if (found.User is not { } user)
            {
                yield return Absent(found);
                continue;
            }
            Guid id = GraphValues.Id(user);
            List<Guid> principals = [id];
            if (found.Groups is { } groups)
            {
                await foreach (JsonElement group in run.Requests.ContinueAsync(groups, GraphNeed.Groups, cancellationToken).ConfigureAwait(false))
                    principals.Add(GraphValues.Id(group));
            }
            Guid[] held = [.. principals.SelectMany(principal => roles[principal]).Distinct()];
            yield return run.Entry(id, user, held.Length > 0 ? held : null, membership);
        }
        yield return new SourceEnd(FullRead: false, Watermark: null, wanted.Sum(some => some.Count()));
    }

    private SourceItem Absent(FoundUser found) =>
        !Guid.TryParseExact(found.Identity, "D", out Guid id) ? new SourceFault(found.Identity, "The directory has no user with this userPrincipalName.")
        : found.Restorable ? run.SoftDeleted(id)
        : new SourceRemoval(found.Identity);

    private static bool IsIdentity(string identity) => Guid.TryParseExact(identity, "D", out _) || identity.Contains('@', StringComparison.Ordinal);
}
