using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>
/// Looks at the users that are to be disabled or deleted before that is planned: the linked id may lead to another person by now, or to
/// no user. Another person is not disabled, and the user is looked for elsewhere. Not thread-safe.
/// </summary>
internal sealed class DepartureCheck(ScimClient client, BoundMapping bound, LinkCheck check, StateSnapshot snapshot, RequestWorkers workers)
{
    // Below this, asking for each is cheaper than asking how many users there are.
    private const int FewEntries = 4;

    private readonly IdentityWalk _walk = new(client, check);
    private readonly Dictionary<string, Finding> _findings = new(StringComparer.Ordinal);

    // Few cycles look for a user elsewhere, so the owners are not collected before.
    private readonly Lazy<Dictionary<string, string>> _owners = new(snapshot.OwnersByTarget);

    /// <summary>Anchors whose link leads to no user, or to another person.</summary>
    public IReadOnlyCollection<string> Missing =>
        [.. _findings.Where(f => f.Value.At is not Place.Linked and not Place.Unknown).Select(f => f.Key)];

    /// <summary>Looks at the linked ids: at each, or at all pages where that is cheaper.</summary>
    public async Task LookAsync(IReadOnlyList<ProvisioningOperation> departures, CancellationToken cancellationToken)
    {
        List<ProvisioningOperation> users =
        [
            .. departures.Where(o => o is { ObjectType: ProvisioningObjectType.User, TargetId: not null }),
        ];
        if (users.Count > FewEntries)
            await _walk.ReadAsync(users.Count, cancellationToken).ConfigureAwait(false);
        await workers
            .ForEachAsync(
                users,
                async (operation, ct) =>
                {
                    Finding finding = _walk.KeysOf(operation.TargetId!) is { } seen
                        ? Judge(check.IsOurs(operation.SourceId, seen))
                        : await AskAsync(operation, ct).ConfigureAwait(false);
                    lock (_findings)
                        _findings[operation.SourceId] = finding;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>The departures as they are to be carried out: on the user's new id, or as an error where who is meant is not
    /// known.</summary>
    public async Task<List<ProvisioningOperation>> SettleAsync(
        IReadOnlyList<ProvisioningOperation> departures,
        CancellationToken cancellationToken
    )
    {
        var settled = new List<ProvisioningOperation>();
        foreach (ProvisioningOperation operation in departures)
        {
            if (!_findings.TryGetValue(operation.SourceId, out Finding finding))
                settled.Add(operation);
            else if (finding.At == Place.Linked)
                settled.Add(Shown(operation, finding.Current));
            else
                settled.Add(await SettleAsync(operation, finding, cancellationToken).ConfigureAwait(false));
        }
        return settled;
    }

    // A value that was not read is not shown as TravelPerk's.
    private static ProvisioningOperation Shown(ProvisioningOperation operation, object?[]? current) =>
        current is null || operation.Desired is not { } user
            ? operation
            : operation with
            {
                Changes = AttributeDiff.Describe(operation.Send, current, user.Values),
            };

    private async Task<ProvisioningOperation> SettleAsync(
        ProvisioningOperation operation,
        Finding finding,
        CancellationToken cancellationToken
    )
    {
        if (finding.At == Place.Unknown)
            return operation with { ProblemCode = "InvalidResponse", Problem = finding.Message };
        byte[] known = check.KnownOf(operation.SourceId);
        // Nothing tells which user to look for. The answer to the write says whether there is a user.
        if (!StoredKeys.Any(known))
            return operation;
        if (!await _walk.ReadAsync(int.MaxValue, cancellationToken).ConfigureAwait(false))
            return OperationFactory.Refuse(operation, MatchProblem.NotSearchable());
        string anchor = operation.SourceId;
        List<string> found = _walk.Find(known, id => _owners.Value.GetValueOrDefault(id, anchor) == anchor);
        List<string> proved = found.FindAll(id => _walk.ShowsAnchor(known, id));
        if (proved.Count > 0)
            return Elsewhere(operation, finding, proved);
        if (found is [var likely] && !await IsSamePersonAsync(operation, likely, cancellationToken).ConfigureAwait(false))
            return OperationFactory.Refuse(operation, MatchProblem.NameOnly(operation.TargetId!, likely));
        return Elsewhere(operation, finding, found);
    }

    private static ProvisioningOperation Elsewhere(ProvisioningOperation operation, Finding finding, List<string> found)
    {
        if (found is [var id])
            return operation with { TargetId = id, Reason = new OperationReason(ReasonKind.FoundElsewhere, operation.Reason, id).Text };
        if (found.Count > 1)
            return OperationFactory.Refuse(operation, MatchProblem.SeveralTargets("identity", found));
        // A service may hide the user for a moment: the write finds it all the same, or is one more proof that there is none.
        return finding.At == Place.Nowhere ? operation : OperationFactory.Refuse(operation, MatchProblem.AnotherUser(operation.TargetId!));
    }

    // Of who is in the source the mapping gives the names; of who is gone, the log has what was last written.
    private async Task<bool> IsSamePersonAsync(ProvisioningOperation operation, string id, CancellationToken cancellationToken)
    {
        object?[] names = operation.Names ?? NamesLastWritten(operation.SourceId);
        UserSighting seen = await UserSighting.LookAsync(client, id, cancellationToken).ConfigureAwait(false);
        return seen.User is { } user && SamePerson.NamesAgree(bound, names, bound.Extract(user));
    }

    private object?[] NamesLastWritten(string anchor)
    {
        object?[] names = new object?[bound.Attributes.Count];
        IReadOnlyDictionary<string, string> written = snapshot.LastWritten(anchor);
        foreach (TargetAttribute attribute in bound.Attributes.Where(a => SamePerson.IsName(a) && !a.Flow.Redacted))
            names[attribute.Slot] = written.GetValueOrDefault(attribute.Flow.TargetName);
        return names;
    }

    private async Task<Finding> AskAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        UserSighting seen = await UserSighting.LookAsync(client, operation.TargetId!, cancellationToken).ConfigureAwait(false);
        if (seen.Problem is { } unread)
            return new Finding(Place.Unknown, unread.Message);
        if (seen.User is not { } user)
            return new Finding(Place.Nowhere, null);
        return Judge(check.IsOurs(operation.SourceId, user)) with { Current = bound.Extract(user) };
    }

    private static Finding Judge(bool ours) => new(ours ? Place.Linked : Place.Another, null);

    private enum Place
    {
        /// <summary>The linked user is the source user.</summary>
        Linked,

        /// <summary>The linked id is another person's.</summary>
        Another,

        /// <summary>The linked id is no user's.</summary>
        Nowhere,

        /// <summary>The service gave no usable answer.</summary>
        Unknown,
    }

    private readonly record struct Finding(Place At, string? Message)
    {
        /// <summary>The values of the user at the linked id; null when they were not read.</summary>
        public object?[]? Current { get; init; }
    }
}
