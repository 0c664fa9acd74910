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
            outcome = operation switch
            {
                { Staged: true } => applier.Outcome(operation, OutcomeStatus.Staged, operation.TargetId, operation.Reason),
                { Problem: { } problem } => Failure(operation, operation.ProblemCode ?? "InvalidValue", problem),
                { Action: ProvisioningAction.Delete } => await DeleteAsync(operation, cancellationToken).ConfigureAwait(false),
                { TargetId: { } id } => await UpdateAsync(operation, id, cancellationToken).ConfigureAwait(false),
                _ => await CreateAsync(operation, cancellationToken).ConfigureAwait(false),
            };
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
                if (snapshot.Groups.Links.Any(l => l.Value.TargetId == created.Id && l.Key != operation.SourceId))
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
            catch (ScimException e) when (e.StatusCode == HttpStatusCode.Conflict || e.OutcomeUnknown)
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
        string[] known = [.. (existing.Members ?? []).Where(users.OwnersByTarget.ContainsKey)];
        GroupChange group = operation.Group! with
        {
            Rename = !NormalText.Same(existing.DisplayName, operation.Group!.DisplayName) || existing.ExternalId != operation.SourceId,
            Found = known,
            Add =
            [
                .. operation.Group.Members.Where(m => m.Anchor is null || users.TargetIdOf(m.Anchor) is not { } id || !known.Contains(id)),
            ],
        };
        operation = ours
            ? operation with
            {
                Group = group,
            }
            : operation with
            {
                Action = group.Rename || group.Add.Count > 0 ? ProvisioningAction.Update : ProvisioningAction.Link,
                Group = group,
                Changes = group.Changes(false),
                Reason = "TravelPerk answered that the group exists; it was found by its externalId or displayName.",
            };
        return UpdateAsync(operation, existing.Id!, cancellationToken);
    }

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
            List<string> leaving =
            [
                .. group.Remove.Where(m => m.Anchor is null || !_failed.ContainsKey(m.Anchor)).Select(m => m.TargetId!),
            ];
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
        if (doubt is not null && refusal.Kind == ScimFailure.ServerError)
            ExceptionDispatchInfo.Throw(refusal);
        if (doubt is not null)
            return Failure(operation, "NotFound", doubt);
        ledger.Forget(operation.SourceId);
        return other is not null
            ? await AdoptAsync(operation, other, ours: false, cancellationToken).ConfigureAwait(false)
            : await CreateAsync(
                    operation with
                    {
                        Action = ProvisioningAction.Create,
                        TargetId = null,
                        Reason = $"TravelPerk group {id} no longer exists.",
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
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
        if (
            !existed
            && await DoubtAsync(operation, operation.TargetId!, cancellationToken).ConfigureAwait(false) is var (doubt, other)
            && (doubt is not null || other is not null)
        )
        {
            if (refusal is not null)
                ExceptionDispatchInfo.Throw(refusal);
            return Failure(
                operation,
                "NotFound",
                doubt
                    ?? $"TravelPerk answered the delete with 404, and lists the group with the id {other!.Id}. "
                        + $"The link stays, and a later cycle tries again."
            );
        }
        ledger.Forget(operation.SourceId);
        ledger.ClearEscrow(operation.SourceId);
        return applier.Outcome(
            operation,
            OutcomeStatus.Success,
            operation.TargetId,
            existed ? operation.Reason : $"{operation.Reason} TravelPerk no longer had the group."
        );
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
        if (operation is { Staged: true } or { Problem: not null } or not { Group.Add.Count: > 0 })
            return operation;
        GroupChange group = operation.Group!;
        return operation with
        {
            Group = group with
            {
                Add = [.. group.Add.Where(m => Present([m]).Count > 0).Select(m => m with { TargetId = users.TargetIdOf(m.Anchor!) })],
            },
        };
    }

    /// <summary>Target ids of the members that have one by now and whose own operation did not fail.</summary>
    private List<string> Present(IEnumerable<GroupMember> members) =>
        [
            .. members
                .Where(m => m.Anchor is { } anchor && !_failed.ContainsKey(anchor))
                .Select(m => users.TargetIdOf(m.Anchor!))
                .OfType<string>(),
        ];

    private static bool MayBeAboutMembers(ScimException e) =>
        e.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge;

    private ProvisioningOutcome Failure(ProvisioningOperation operation, string code, string message)
    {
        ledger.Failed(operation);
        return applier.Outcome(operation, OutcomeStatus.Failure, operation.TargetId, message) with { ErrorCode = code };
    }
}
