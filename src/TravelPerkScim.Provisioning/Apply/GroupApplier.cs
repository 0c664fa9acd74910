using System.Collections.Concurrent;
using System.Net;
using System.Runtime.ExceptionServices;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>Applies one operation on a group, after the operations on users. Members are sent in batches. Each batch is recorded when it is
/// answered.</summary>
internal sealed class GroupApplier(
    ScimClient client,
    OperationApplier applier,
    LinkLedger users,
    GroupLedger ledger,
    StateSnapshot snapshot,
    IReadOnlyList<ProvisioningOperation> planned,
    CycleContext context
)
{
    private readonly GroupMatcher _matcher = new(
        client,
        snapshot.Groups.Links.Values.Select(l => l.TargetId).ToHashSet(StringComparer.Ordinal),
        planned.Where(o => o.Group is not null).Select(o => o.SourceId).ToHashSet(StringComparer.Ordinal)
    );
    private readonly ConcurrentDictionary<string, bool> _failed = new(StringComparer.Ordinal);

    /// <summary>Notes how a user's operation ended. A user whose disable failed stays a member, and a user whose enable failed does not
    /// become one.</summary>
    public void Note(ProvisioningOutcome outcome)
    {
        if (outcome.Status == OutcomeStatus.Failure)
            _failed[outcome.SourceId] = true;
    }

    public async Task<ProvisioningOutcome> ApplyAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        long began = context.Time.GetTimestamp();
        ProvisioningOutcome outcome;
        operation = WithMemberIds(operation);
        try
        {
            outcome = WithoutRequest(operation) ?? await SendAsync(operation, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (!OperationApplier.IsFatal(e))
        {
            outcome = Failure(operation, OperationApplier.CodeOf(e), e.Message);
        }
        catch (Exception e) when (ProvisioningException.IsUnexpected(e))
        {
            outcome = Failure(operation, ProvisioningException.UnexpectedId, ProvisioningException.Unexpected(e).Message);
        }
        return outcome with { Duration = context.Time.GetElapsedTime(began) };
    }

    /// <summary>The outcome of an operation for which nothing is sent; null when there is something to send.</summary>
    private ProvisioningOutcome? WithoutRequest(ProvisioningOperation operation)
    {
        if (operation.Staged)
            return applier.Outcome(operation, OutcomeStatus.Staged, operation.TargetId, operation.Reason);
        if (operation.Problem is { } problem)
            return Failure(operation, operation.ProblemCode ?? "InvalidValue", problem);
        return null;
    }

    private Task<ProvisioningOutcome> SendAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        if (operation.Action == ProvisioningAction.Delete)
            return DeleteAsync(operation, cancellationToken);
        if (operation.TargetId is { } id)
            return UpdateAsync(operation, id, cancellationToken);
        return CreateAsync(operation, cancellationToken);
    }

    private async Task<ProvisioningOutcome> CreateAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        GroupChange group = operation.Group!;
        List<string> members = Present(group.Members);
        List<string> first = [.. members.Take(GroupChange.BatchSize)];
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                ScimGroup created = await client
                    .Groups.CreateAsync(ScimGroup.Write(group.DisplayName, operation.SourceId, first), cancellationToken)
                    .ConfigureAwait(false);
                if (IsLinkedToAnother(created.Id!, operation.SourceId))
                {
                    return Failure(
                        operation,
                        "InvalidResponse",
                        $"TravelPerk answered the create with group {created.Id}, which is another group. "
                            + "Nothing is linked. A later cycle looks for the group."
                    );
                }

                ledger.Linked(operation.SourceId, created.Id!, group.DisplayName);
                ledger.Added(operation.SourceId, first);
                return await MembersAsync(operation, created.Id!, [.. members.Skip(first.Count)], [], cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (ScimException e) when (first.Count > 0 && MayBeAboutMembers(e))
            {
                // The service refuses a member, or so many members at once. The group is created first, and the members follow in their own
                // requests.
                first = [];
            }
            catch (ScimException e) when (OperationApplier.MayExist(e))
            {
                GroupMatch match = await _matcher
                    .QueryAsync(operation.SourceId, group.DisplayName, cancellationToken)
                    .ConfigureAwait(false);
                if (match.Problem is { } problem)
                    return Failure(operation, problem.Code, problem.Message);
                if (match.Group is { } existing)
                    return await AdoptAsync(operation, existing, e.OutcomeUnknown, cancellationToken).ConfigureAwait(false);
                // The answer was lost and TravelPerk does not have the group. The request was lost too, and may be sent again.
                if (!e.OutcomeUnknown || attempt >= OperationApplier.LostAnswerRetries)
                    throw;
            }
        }
    }

    // TravelPerk has the group already: it is brought to the desired state instead of being created twice. No member is taken out here. The
    // next cycle does that, under its threshold.
    private Task<ProvisioningOutcome> AdoptAsync(
        ProvisioningOperation operation,
        ScimGroup existing,
        bool ours,
        CancellationToken cancellationToken
    )
    {
        GroupChange wanted = operation.Group!;
        string[] known = [.. (existing.Members ?? []).Where(users.OwnersByTarget.ContainsKey)];
        bool isNamed = NormalText.Same(existing.DisplayName, wanted.DisplayName) && existing.ExternalId == operation.SourceId;
        GroupChange group = wanted with
        {
            Rename = !isNamed,
            Found = known,
            Add = [.. wanted.Members.Where(member => !IsAmong(known, member))],
        };
        operation = operation with { Group = group };
        if (!ours)
        {
            bool differs = group.Rename || group.Add.Count > 0;
            operation = operation with
            {
                Action = differs ? ProvisioningAction.Update : ProvisioningAction.Link,
                Changes = group.Changes(false),
                Reason = new OperationReason(ReasonKind.GroupFoundByConflict).Text,
            };
        }
        return UpdateAsync(operation, existing.Id!, cancellationToken);
    }

    private bool IsAmong(string[] known, GroupMember member) =>
        member.Anchor is { } anchor && users.TargetIdOf(anchor) is { } id && known.Contains(id);

    private bool IsLinkedToAnother(string id, string anchor) =>
        snapshot.Groups.Links.Any(link => link.Value.TargetId == id && link.Key != anchor);

    private async Task<ProvisioningOutcome> UpdateAsync(ProvisioningOperation operation, string id, CancellationToken cancellationToken)
    {
        GroupChange group = operation.Group!;
        try
        {
            if (group.Rename)
                await client.Groups.PatchAsync(id, group.Naming(operation.SourceId), cancellationToken).ConfigureAwait(false);
            if (group.Rename || group.Found is not null)
                ledger.Linked(operation.SourceId, id, group.DisplayName);
            if (group.Found is { } found)
                ledger.Added(operation.SourceId, [.. found]);
            List<string> leaving = [.. group.Remove.Where(DidNotFail).Select(m => m.TargetId!)];
            return await MembersAsync(operation, id, Present(group.Add), leaving, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.Kind is ScimFailure.NotFound or ScimFailure.ServerError)
        {
            return await CreateAgainIfGoneAsync(operation, id, e, cancellationToken).ConfigureAwait(false);
        }
    }

    // The answer 404 to a change of a group, or 500 as some services answer, proves nothing by itself. The group is created again only when
    // a GET does not show it and a look-up does not find it.
    private async Task<ProvisioningOutcome> CreateAgainIfGoneAsync(
        ProvisioningOperation operation,
        string id,
        ScimException refusal,
        CancellationToken cancellationToken
    )
    {
        (string? doubt, ScimGroup? other) = await DoubtAsync(operation, id, cancellationToken).ConfigureAwait(false);
        if (doubt is not null)
        {
            if (refusal.Kind == ScimFailure.ServerError)
                ExceptionDispatchInfo.Throw(refusal);
            return Failure(operation, "NotFound", doubt);
        }
        ledger.Forget(operation.SourceId);
        if (other is not null)
            return await AdoptAsync(operation, other, ours: false, cancellationToken).ConfigureAwait(false);
        ProvisioningOperation again = operation with
        {
            Action = ProvisioningAction.Create,
            TargetId = null,
            Reason = new OperationReason(ReasonKind.GroupGone, id).Text,
        };
        return await CreateAsync(again, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The reason to doubt that the group is gone, or the group under another id; neither when the group is gone.</summary>
    private async Task<(string? Doubt, ScimGroup? Other)> DoubtAsync(
        ProvisioningOperation operation,
        string id,
        CancellationToken cancellationToken
    )
    {
        if (await client.Groups.FindAsync(id, withMembers: false, cancellationToken).ConfigureAwait(false) is not null)
        {
            return (
                $"TravelPerk answered the change with 404 and shows group {id} all the same. "
                    + "The link stays, and a later cycle tries again. Check that the API key may change groups.",
                null
            );
        }

        GroupMatch match = await _matcher
            .QueryAsync(operation.SourceId, operation.Group!.DisplayName, cancellationToken)
            .ConfigureAwait(false);
        return (match.Problem?.Message, match.Group);
    }

    private async Task<ProvisioningOutcome> DeleteAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        ScimException? refusal = null;
        bool existed = false;
        try
        {
            existed = await client.Groups.DeleteAsync(operation.TargetId!, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.Kind == ScimFailure.ServerError)
        {
            refusal = e;
        }
        string reason = operation.Reason;
        if (!existed)
        {
            if (await DoubtOfDeleteAsync(operation, cancellationToken).ConfigureAwait(false) is { } doubt)
            {
                if (refusal is not null)
                    ExceptionDispatchInfo.Throw(refusal);
                return Failure(operation, "NotFound", doubt);
            }
            reason = new OperationReason(ReasonKind.GroupGoneBefore, reason).Text;
        }
        ledger.Forget(operation.SourceId);
        ledger.ClearEscrow(operation.SourceId);
        return applier.Outcome(operation, OutcomeStatus.Success, operation.TargetId, reason);
    }

    /// <summary>The reason to doubt that a group which was answered as missing is gone; null when it is gone.</summary>
    private async Task<string?> DoubtOfDeleteAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        (string? doubt, ScimGroup? other) = await DoubtAsync(operation, operation.TargetId!, cancellationToken).ConfigureAwait(false);
        if (doubt is not null || other is null)
            return doubt;
        return $"TravelPerk answered the delete with 404, and lists the group with the id {other.Id}. "
            + "The link stays, and a later cycle tries again.";
    }

    private async Task<ProvisioningOutcome> MembersAsync(
        ProvisioningOperation operation,
        string id,
        IReadOnlyList<string> add,
        IReadOnlyList<string> remove,
        CancellationToken cancellationToken
    )
    {
        var membership = new GroupMembership(client.Groups, id);
        await membership.AddAsync(add, done => ledger.Added(operation.SourceId, done), cancellationToken).ConfigureAwait(false);
        await membership.RemoveAsync(remove, done => ledger.Removed(operation.SourceId, done), cancellationToken).ConfigureAwait(false);
        if (membership.Refused is { } refused)
        {
            return Failure(
                operation with
                {
                    TargetId = id,
                },
                OperationApplier.CodeOf(refused),
                $"{membership.RefusedCount} members could not be changed, the others were: {refused.Message}"
            );
        }

        ledger.ClearEscrow(operation.SourceId);
        return applier.Outcome(operation, OutcomeStatus.Success, id, operation.Reason);
    }

    // The operations on users come first. A member whose create succeeded has an id by now; one whose create failed cannot be a member.
    private ProvisioningOperation WithMemberIds(ProvisioningOperation operation)
    {
        bool sendsMembers = operation is { Staged: false, Problem: null, Group.Add.Count: > 0 };
        if (!sendsMembers)
            return operation;
        GroupChange group = operation.Group!;
        var members = new List<GroupMember>(group.Add.Count);
        foreach (GroupMember member in group.Add)
        {
            if (PresentId(member) is { } id)
                members.Add(member with { TargetId = id });
        }
        return operation with { Group = group with { Add = members } };
    }

    /// <summary>Target ids of the members that have one by now and whose own operation did not fail.</summary>
    private List<string> Present(IEnumerable<GroupMember> members) => [.. members.Select(PresentId).OfType<string>()];

    private string? PresentId(GroupMember member) => member.Anchor is { } anchor && DidNotFail(member) ? users.TargetIdOf(anchor) : null;

    private bool DidNotFail(GroupMember member) => member.Anchor is null || !_failed.ContainsKey(member.Anchor);

    private static bool MayBeAboutMembers(ScimException e) =>
        e.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge;

    private ProvisioningOutcome Failure(ProvisioningOperation operation, string code, string message)
    {
        ledger.Failed(operation);
        return applier.Outcome(operation, OutcomeStatus.Failure, operation.TargetId, message) with { ErrorCode = code };
    }
}
