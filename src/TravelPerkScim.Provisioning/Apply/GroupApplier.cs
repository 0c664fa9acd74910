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

/// <summary>Carries one operation on a group out, after the users' operations. Members travel in batches; each batch is recorded when it is
/// answered.</summary>
internal sealed class GroupApplier(
    ScimClient client,
    OperationApplier applier,
    LinkLedger users,
    GroupLedger book,
    StateSnapshot snapshot,
    IReadOnlyList<ProvisioningOperation> planned,
    CycleContext context
)
{
    private const int LostAnswerRetries = 3;

    private readonly GroupMatcher _matcher = new(
        client,
        snapshot.Groups.Links.Values.Select(l => l.TargetId).ToHashSet(StringComparer.Ordinal),
        planned.Where(o => o.Group is not null).Select(o => o.SourceId).ToHashSet(StringComparer.Ordinal)
    );
    private readonly ConcurrentDictionary<string, bool> _failed = new(StringComparer.Ordinal);

    /// <summary>How a user's operation ended: who could not be disabled stays a member, who could not be enabled becomes none.</summary>
    public void Note(ProvisioningOutcome outcome)
    {
        if (outcome.Status == OutcomeStatus.Failure)
            _failed[outcome.SourceId] = true;
    }

    public async Task<ProvisioningOutcome> ApplyAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        long began = context.Time.GetTimestamp();
        ProvisioningOutcome outcome;
        operation = Known(operation);
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
                    return Failure(
                        operation,
                        "InvalidResponse",
                        $"TravelPerk answered the create with group {created.Id}, which is another group. "
                            + $"Nothing is linked; a later cycle looks for the group."
                    );
                book.Linked(operation.SourceId, created.Id!, group.DisplayName);
                book.Added(operation.SourceId, first);
                return await MembersAsync(operation, created.Id!, [.. members.Skip(first.Count)], [], cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (ScimException e) when (first.Count > 0 && IsAboutMembers(e))
            {
                // One member the service does not take, or too many at once: the group comes first, the members follow in their own
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
                // The answer was lost and the group is not there: the request was lost too, and may be sent again.
                if (!e.OutcomeUnknown || attempt >= LostAnswerRetries)
                    throw;
            }
        }
    }

    // A group that turns out to exist is brought to the desired state instead of being made twice. Nobody is taken out here: the next cycle
    // does, under its threshold.
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
                book.Linked(operation.SourceId, id, group.DisplayName);
            if (group.Found is { } found)
                book.Added(operation.SourceId, [.. found]);
            List<string> leaving =
            [
                .. group.Remove.Where(m => m.Anchor is null || !_failed.ContainsKey(m.Anchor)).Select(m => m.TargetId!),
            ];
            return await MembersAsync(operation, id, Present(group.Add), leaving, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.ErrorId is "NotFound" or "ServerError")
        {
            return await AnewAsync(operation, id, e, cancellationToken).ConfigureAwait(false);
        }
    }

    // A change of a group answered with 404, or with 500 as some services do, proves nothing by itself. Made again is a group that a GET
    // does not show and a look-up does not find.
    private async Task<ProvisioningOutcome> AnewAsync(
        ProvisioningOperation operation,
        string id,
        ScimException refusal,
        CancellationToken cancellationToken
    )
    {
        (string? doubt, ScimGroup? other) = await DoubtAsync(operation, id, cancellationToken).ConfigureAwait(false);
        if (doubt is not null && refusal.ErrorId == "ServerError")
            ExceptionDispatchInfo.Throw(refusal);
        if (doubt is not null)
            return Failure(operation, "NotFound", doubt);
        book.Forget(operation.SourceId);
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

    /// <summary>What speaks against the group's being gone, or the group under another id; neither when it is gone.</summary>
    private async Task<(string? Doubt, ScimGroup? Other)> DoubtAsync(
        ProvisioningOperation operation,
        string id,
        CancellationToken cancellationToken
    )
    {
        if (await client.Groups.FindAsync(id, withMembers: false, cancellationToken).ConfigureAwait(false) is not null)
            return (
                $"TravelPerk answered the change with 404 and shows group {id} all the same. "
                    + $"The link stays, and a later cycle tries again. Check that the API key may change groups.",
                null
            );
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
        catch (ScimException e) when (e.ErrorId == "ServerError")
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
        book.Forget(operation.SourceId);
        book.Settled(operation.SourceId);
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
        await membership.AddAsync(add, done => book.Added(operation.SourceId, done), cancellationToken).ConfigureAwait(false);
        await membership.RemoveAsync(remove, done => book.Removed(operation.SourceId, done), cancellationToken).ConfigureAwait(false);
        if (membership.Refused is { } refused)
            return Failure(
                operation with
                {
                    TargetId = id,
                },
                OperationApplier.CodeOf(refused),
                $"{membership.RefusedCount} members could not be changed, the others were: {refused.Message}"
            );
        book.Settled(operation.SourceId);
        return applier.Outcome(operation, OutcomeStatus.Success, id, operation.Reason);
    }

    // The users came first: whoever was waited for has an id by now, or cannot be a member.
    private ProvisioningOperation Known(ProvisioningOperation operation)
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

    /// <summary>Target ids of those who have one by now, and whose own operation went well.</summary>
    private List<string> Present(IEnumerable<GroupMember> members) =>
        [
            .. members
                .Where(m => m.Anchor is { } anchor && !_failed.ContainsKey(anchor))
                .Select(m => users.TargetIdOf(m.Anchor!))
                .OfType<string>(),
        ];

    private static bool IsAboutMembers(ScimException e) =>
        e.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge;

    private ProvisioningOutcome Failure(ProvisioningOperation operation, string code, string message)
    {
        book.Failed(operation);
        return applier.Outcome(operation, OutcomeStatus.Failure, operation.TargetId, message) with { ErrorCode = code };
    }
}
