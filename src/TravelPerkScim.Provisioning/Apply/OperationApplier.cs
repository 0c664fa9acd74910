using System.Net;
using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>Applies one operation and says how it ended. A failure of one entry is an outcome. A failure that every entry would have
/// (credentials, network) is thrown.</summary>
internal sealed class OperationApplier(
    ScimClient client,
    BoundMapping bound,
    TargetMatcher matcher,
    LinkCheck check,
    LinkLedger links,
    KeptValues kept,
    CycleContext context
)
{
    /// <summary>How often a write is sent again whose answer was lost and that was not carried out.</summary>
    internal const int LostAnswerRetries = 3;

    private const string StillActive =
        "Accepted, but not kept: TravelPerk accepted that the user is no longer active, and shows the user as active. "
        + "It is tried again; until that succeeds, deactivate the user in TravelPerk by hand.";

    private const string StillInactive =
        "Accepted, but not kept: TravelPerk accepted that the user is active, and shows the user as inactive. "
        + "It is tried again; until that succeeds, activate the user in TravelPerk by hand.";

    private readonly DeletedManagerCheck _deletedManagers = new(client, links);
    private readonly Disappearance _disappearance = new(client, check, links);

    // After one of these failures no other entry can succeed.
    internal static bool IsFatal(ScimException e) =>
        e.Kind is ScimFailure.Credential or ScimFailure.SecretStore or ScimFailure.Unreachable or ScimFailure.WrongAddress;

    public async Task<ProvisioningOutcome> ApplyAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        long began = context.Time.GetTimestamp();
        ProvisioningOutcome outcome;
        try
        {
            outcome = WithoutRequest(operation) ?? await SendAsync(operation, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (!IsFatal(e))
        {
            if (e.OutcomeUnknown)
                links.MarkOutcomeUnknown(operation.SourceId);
            outcome = Failure(operation, CodeOf(e), e.Message);
        }
        catch (Exception e) when (ProvisioningException.IsUnexpected(e))
        {
            // A fault that one user causes must not keep the cycle from the other users. The outcome of the write is not known.
            links.MarkOutcomeUnknown(operation.SourceId);
            outcome = Failure(operation, ProvisioningException.UnexpectedId, ProvisioningException.Unexpected(e).Message);
        }
        bool succeeded = outcome.Status == OutcomeStatus.Success;
        if (!succeeded && operation.Interim.Count > 0)
            outcome = await RestoreAsync(operation, outcome, cancellationToken).ConfigureAwait(false);
        bool sent = operation is { Staged: false, Problem: null, Action: not ProvisioningAction.None };
        bool outcomeIsKnown = succeeded || !links.HasUnknownOutcome(operation.SourceId);
        if (sent && outcomeIsKnown)
            links.CloseIntent(operation.SourceId);
        return outcome with { Duration = context.Time.GetElapsedTime(began) };
    }

    /// <summary>The outcome of an operation for which nothing is sent; null when there is something to send.</summary>
    private ProvisioningOutcome? WithoutRequest(ProvisioningOperation operation)
    {
        string? id = operation.TargetId;
        if (operation.Refused)
            return Outcome(operation, OutcomeStatus.Skipped, id, operation.Problem!) with { ErrorCode = operation.ProblemCode };
        if (operation.Staged)
            return Outcome(operation, OutcomeStatus.Staged, id, operation.Reason);
        if (operation.Problem is { } problem)
            return Failure(operation, operation.ProblemCode ?? "InvalidValue", problem);
        if (operation.Action == ProvisioningAction.None)
            return Outcome(operation, OutcomeStatus.Skipped, id, operation.Reason);
        if (operation.Action == ProvisioningAction.Create || id is null)
            return null;
        if (links.OtherOwner(id, operation.SourceId) is { } owner)
            return Taken(operation, id, owner);
        return operation.Action == ProvisioningAction.Link ? AlreadyInDesiredState(operation, id) : null;
    }

    private Task<ProvisioningOutcome> SendAsync(ProvisioningOperation operation, CancellationToken cancellationToken) =>
        operation.Action switch
        {
            ProvisioningAction.Create => CreateAsync(operation, cancellationToken),
            ProvisioningAction.Delete => DeleteAsync(operation, cancellationToken),
            _ => PatchAsync(operation, cancellationToken),
        };

    private async Task<ProvisioningOutcome> CreateAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        DesiredUser user = operation.Desired!;
        if (MayBeHidden(user))
        {
            ProvisioningOutcome? updated = await UpdateHiddenAsync(operation, user.Link!, cancellationToken).ConfigureAwait(false);
            if (updated is not null)
                return updated;
        }
        operation = Resolved(operation);
        JsonObject body = UserBody.Create(user, operation.Send, (_, value) => Resolved(value));
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                ScimDialect dialect = client.Dialect;
                ScimUser created = await client.CreateUserAsync(body, cancellationToken).ConfigureAwait(false);
                object?[] shown = bound.Extract(created);
                if (IsAnother(user, created.Id!, shown))
                    return AnsweredWithAnother(operation, created.Id!);
                WrittenUser written = Written(operation, created.Id!, created, dialect) with { Created = true, Shown = shown };
                return await KeptAsync(operation, written, cancellationToken).ConfigureAwait(false);
            }
            catch (ScimException e) when (IsBadRequest(e))
            {
                if (!await _deletedManagers.FindAsync(user, cancellationToken).ConfigureAwait(false))
                    throw;
                return await CreateAsync(operation, cancellationToken).ConfigureAwait(false);
            }
            catch (ScimException e) when (MayExist(e))
            {
                if (e.OutcomeUnknown)
                    links.MarkOutcomeUnknown(user.Anchor);
                if (await FindExistingAsync(operation, e, cancellationToken).ConfigureAwait(false) is { } outcome)
                    return outcome;
                if (!MayCreateAgain(e) || attempt >= LostAnswerRetries)
                    throw;
            }
        }
    }

    /// <summary>TravelPerk refused the request itself, and did not carry it out.</summary>
    private static bool IsBadRequest(ScimException e) => e is { StatusCode: HttpStatusCode.BadRequest, OutcomeUnknown: false };

    /// <summary>The create may have been carried out, or TravelPerk had the object before.</summary>
    internal static bool MayExist(ScimException e) => e.OutcomeUnknown || e.StatusCode == HttpStatusCode.Conflict;

    // Some services answer 500 for an id that they do not have.
    private static bool MayBeGone(ScimException e) => e.Kind is ScimFailure.NotFound or ScimFailure.ServerError;

    private bool IsAnother(DesiredUser user, string id, object?[] shown) =>
        links.OtherOwner(id, user.Anchor) is not null || !check.MayBe(user, shown);

    private bool MayBeHidden(DesiredUser user) =>
        bound.Mapping.AllowsUpdate && check.IsRenamed(user) && links.OtherOwner(user.Link!.TargetId, user.Anchor) is null;

    private ProvisioningOutcome AnsweredWithAnother(ProvisioningOperation operation, string id)
    {
        links.MarkOutcomeUnknown(operation.SourceId);
        return Failure(
            operation,
            "InvalidResponse",
            $"TravelPerk answered the create with user {id}, who is another person. "
                + "Nothing is linked. A later cycle finds out whether the user was created."
        );
    }

    /// <summary>Looks the user up after a conflict or a lost answer; null when TravelPerk does not show the user.</summary>
    private async Task<ProvisioningOutcome?> FindExistingAsync(
        ProvisioningOperation operation,
        ScimException refusal,
        CancellationToken cancellationToken
    )
    {
        DesiredUser user = operation.Desired!;
        MatchResult found = await matcher
            .QueryAsync(user, links.OwnersByTarget, readAgain: refusal.OutcomeUnknown, cancellationToken)
            .ConfigureAwait(false);
        if (found.Problem is { } problem)
            return Failure(operation, problem.Code, problem.Message);
        if (found.User is null && !refusal.OutcomeUnknown)
            found = await matcher.WalkForAsync(user, links.OwnersByTarget, cancellationToken).ConfigureAwait(false);
        // Where the list cannot be read either, the conflict is the error.
        if (found.Problem is { Code: not MatchProblem.NotSearchableCode } hidden)
            return Failure(operation, hidden.Code, hidden.Message);
        return found.User is { } existing
            ? await AdoptAsync(operation, existing, refusal.OutcomeUnknown, cancellationToken).ConfigureAwait(false)
            : null;
    }

    // The answer was lost and TravelPerk does not have the user: the request was lost too, and may be sent again. After an answer with
    // success the user exists, also where the answer does not name it and TravelPerk does not show it yet. A later cycle finds it.
    private static bool MayCreateAgain(ScimException failure)
    {
        bool answeredWithSuccess = failure.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous;
        return failure.OutcomeUnknown && !answeredWithSuccess;
    }

    // The user was found neither by id nor by its new names. A service that hides the user for a while may still have it under its former
    // names, and a create would make a second user. A write to the linked id reaches a hidden user.
    private async Task<ProvisioningOutcome?> UpdateHiddenAsync(
        ProvisioningOperation operation,
        Link lost,
        CancellationToken cancellationToken
    )
    {
        DesiredUser user = operation.Desired!;
        List<TargetAttribute> send = [.. operation.Send.Where(a => !a.Flow.OnlyOnCreate && user.Values[a.Slot] is not null)];
        operation = Resolved(operation) with
        {
            TargetId = lost.TargetId,
            Send = send,
            Action = lost.Enabled ? ProvisioningAction.Update : ProvisioningAction.Enable,
            Reason = new OperationReason(ReasonKind.HiddenInTarget).Text,
        };
        try
        {
            return await WriteAsync(operation, lost.TargetId, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (MayBeGone(e))
        {
            return null;
        }
    }

    // TravelPerk has the user already: the user is brought to the desired state instead of being created twice.
    private async Task<ProvisioningOutcome> AdoptAsync(
        ProvisioningOperation operation,
        ScimUser existing,
        bool ours,
        CancellationToken cancellationToken
    )
    {
        DesiredUser user = operation.Desired!;
        object?[] desired = WithTargetIds(user);
        object?[] current = bound.Extract(existing);
        List<TargetAttribute> differs = AttributeDiff.Changed(bound, desired, current);
        ProvisioningOperation adopted = operation with { Send = differs };
        if (!ours)
        {
            if (WhyNotAdopted(operation, existing.Id!, desired, current, differs) is { } refused)
                return refused;
            adopted = adopted with
            {
                Action = differs.Count > 0 ? ProvisioningAction.Update : ProvisioningAction.Link,
                TargetId = existing.Id,
                Changes = AttributeDiff.Describe(differs, current, desired),
                Reason = new OperationReason(ReasonKind.FoundByConflict).Text,
            };
        }

        links.Matched(user.Anchor, existing.Id!, links.KeysOf(user));
        user.Current = current;
        if (differs.Count == 0)
            return AlreadyInDesiredState(adopted, existing.Id!);
        return await WriteAsync(adopted, existing.Id!, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The desired values as TravelPerk would show them. A reference without a TravelPerk user is not compared.</summary>
    private object?[] WithTargetIds(DesiredUser user)
    {
        object?[] desired = [.. user.Values];
        foreach (TargetAttribute attribute in bound.Attributes.Where(a => a.IsReference))
            desired[attribute.Slot] = Resolved(user.Values[attribute.Slot]) ?? IgnoredFlow.Instance;
        return desired;
    }

    // TravelPerk answered a create with a conflict, so the user that it has was not planned for. What a plan stages, or shows to a
    // reviewer, is not done here without a plan.
    private ProvisioningOutcome? WhyNotAdopted(
        ProvisioningOperation operation,
        string id,
        object?[] desired,
        object?[] current,
        List<TargetAttribute> differs
    )
    {
        object?[] values = operation.Desired!.Values;
        string? other = SamePerson.OtherAccount(bound, values, current);
        if (other is not null && !SamePerson.NamesAgree(bound, values, current))
        {
            return Failure(
                operation,
                "EntryConflict",
                $"The matching TravelPerk user {id} has the externalId of another account ({other}), "
                    + "and given or family name differ. "
                    + "The next cycle stages the takeover for an approval; or correct the matching attribute."
            );
        }

        if (bound.Active is { } active && differs.Contains(active) && BoundMapping.IsFalse(desired[active.Slot]))
        {
            return Failure(
                operation,
                "EntryConflict",
                $"TravelPerk has the user already ({id}), and the mapping of '{active.Flow.TargetName}' gives False. "
                    + "The next cycle plans the disable."
            );
        }

        if (differs.Count == 0 || bound.Mapping.AllowsUpdate)
            return null;
        return Outcome(operation, OutcomeStatus.Skipped, id, new OperationReason(ReasonKind.FoundWithOtherValues).Text);
    }

    private async Task<ProvisioningOutcome> PatchAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        DesiredUser user = operation.Desired!;
        string? id = operation.TargetId ?? links.TargetIdOf(user.Anchor);
        if (id is null)
            return Outcome(operation, OutcomeStatus.Skipped, null, new OperationReason(ReasonKind.NotCreated).Text);
        operation = Resolved(operation) with { TargetId = id };
        if (Patch(user, operation.Send).Count == 0)
        {
            // Every value to send waits for the manager. The cycle that creates the manager updates this user.
            links.DesiredStateReached(user, id, operation.LeftOut);
            return Outcome(operation, OutcomeStatus.Skipped, id, new OperationReason(ReasonKind.ManagerWithoutUser).Text);
        }
        try
        {
            return await WriteAsync(operation, id, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (IsBadRequest(e) || IsRefusedDisable(operation, e))
        {
            if (IsBadRequest(e) && await _deletedManagers.FindAsync(user, cancellationToken).ConfigureAwait(false))
                return await PatchAsync(operation, cancellationToken).ConfigureAwait(false);
            if (!IsRefusedDisable(operation, e))
                throw;
            return await DisableOnlyAsync(operation, e, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (IsLeaver(operation) && MayBeGone(e))
        {
            return await ConfirmGoneAsync(operation, id, e, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.Kind == ScimFailure.NotFound)
        {
            if (await client.FindUserAsync(id, cancellationToken).ConfigureAwait(false) is null)
                throw;
            return Failure(operation, e.ErrorId, Disappearance.StillShown(id));
        }
    }

    private static bool IsLeaver(ProvisioningOperation operation) => operation is { Action: ProvisioningAction.Disable, ByMapping: false };

    // TravelPerk may have refused another value than active.
    private static bool IsRefusedDisable(ProvisioningOperation operation, ScimException e) =>
        operation is { Action: ProvisioningAction.Disable, Send.Count: > 1 }
        && e is { StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.Conflict, OutcomeUnknown: false };

    /// <summary>Sends a change, and notes which values TravelPerk keeps.</summary>
    private async Task<ProvisioningOutcome> WriteAsync(ProvisioningOperation operation, string id, CancellationToken cancellationToken)
    {
        DesiredUser user = operation.Desired!;
        ScimDialect dialect = client.Dialect;
        ScimUser? answer = await client.PatchUserAsync(id, Patch(user, operation.Send), cancellationToken).ConfigureAwait(false);
        if (operation.Part == OperationPart.Interim)
        {
            links.InterimValueWritten(user, id);
            return Outcome(operation, OutcomeStatus.Success, id, operation.Reason);
        }
        return await KeptAsync(operation, Written(operation, id, answer, dialect), cancellationToken).ConfigureAwait(false);
    }

    private WrittenUser Written(ProvisioningOperation operation, string id, ScimUser? answer, ScimDialect dialect)
    {
        DesiredUser user = operation.Desired!;
        bool created = operation.Action == ProvisioningAction.Create;
        object?[] values = new object?[bound.Attributes.Count];
        foreach (TargetAttribute attribute in bound.Attributes)
        {
            object? value = user.Values[attribute.Slot];
            values[attribute.Slot] = Resolved(created ? attribute.OnCreate(value) : value);
        }
        // A create always sends active, and its answer shows the user. Before it, every value was empty.
        bool changesActive = !created && bound.Active is { } active && operation.Send.Contains(active);
        object?[]? empty = created ? new object?[values.Length] : null;
        return new WrittenUser(id, operation.Send, values, user.Current ?? empty, answer, dialect)
        {
            Confirm = operation.Confirm || changesActive,
        };
    }

    // A write is done as far as TravelPerk kept the values. It failed when active was not kept: a leaver who stays active still has access,
    // and a returner who stays inactive has none.
    private async Task<ProvisioningOutcome> KeptAsync(
        ProvisioningOperation operation,
        WrittenUser written,
        CancellationToken cancellationToken
    )
    {
        KeptResult result = await kept.CompareAsync(written, cancellationToken).ConfigureAwait(false);
        if (result.ActiveNotKept && !written.Created)
        {
            bool wasDisabled = BoundMapping.IsFalse(written.Values[bound.Active!.Slot]);
            return Failure(operation with { TargetId = written.Id }, "NotKept", wasDisabled ? StillActive : StillInactive);
        }

        if (IsLeaver(operation))
            links.Disabled(operation.SourceId, written.Id, operation.Releases);
        else
            links.DesiredStateReached(operation.Desired!, written.Id, operation.LeftOut, result);
        // TravelPerk has the user. A later cycle writes active again.
        if (result.ActiveNotKept)
            links.Failed(operation.Desired!);
        return Outcome(operation, OutcomeStatus.Success, written.Id, operation.Reason) with
        {
            ModifiedProperties = ChangesWithout(operation, result.NotKept),
            Note = Joined(operation.Note, result.Note),
        };
    }

    private static IReadOnlyList<AttributeChange> ChangesWithout(ProvisioningOperation operation, IReadOnlyList<TargetAttribute> attributes)
    {
        if (attributes.Count == 0)
            return operation.Changes;
        HashSet<string> names = [.. attributes.Select(a => a.Flow.TargetName)];
        return [.. operation.Changes.Where(change => !names.Contains(change.Attribute))];
    }

    private static string? Joined(string? note, string? further)
    {
        if (note is null || further is null)
            return note ?? further;
        return $"{note} {further}";
    }

    // The users did not exchange their values. A value for the moment must not stay, so the former one is written back.
    private async Task<ProvisioningOutcome> RestoreAsync(
        ProvisioningOperation operation,
        ProvisioningOutcome failed,
        CancellationToken cancellationToken
    )
    {
        string names = TargetAttribute.Names(operation.Interim);
        try
        {
            List<PatchOperation> patch =
            [
                .. operation.Interim.Select(a => new PatchOperation(
                    a.WriteKind,
                    a.Path,
                    operation.Desired!.Current![a.Slot],
                    a.Definition
                )),
            ];
            await client.PatchUserAsync(operation.TargetId!, patch, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (!IsFatal(e))
        {
            var refused = new OperationReason(ReasonKind.FormerValueRefused, names, e.Message);
            return failed with { Reason = $"{failed.Reason} {refused.Text}" };
        }
        return failed with { Reason = new OperationReason(ReasonKind.FormerValueBack, failed.Reason, names).Text };
    }

    // A value that TravelPerk refuses must not keep a leaver's access open, so the disable is sent alone. For a user who stays managed the
    // entry failed, because the other values are still to be written.
    private async Task<ProvisioningOutcome> DisableOnlyAsync(
        ProvisioningOperation operation,
        ScimException refusal,
        CancellationToken cancellationToken
    )
    {
        string active = bound.Active!.Flow.TargetName;
        var refused = new OperationReason(ReasonKind.OtherAttributesRefused, active, refusal.Message);
        ProvisioningOutcome outcome = await PatchAsync(
                operation with
                {
                    Send = [.. operation.Send.Where(a => a == bound.Active)],
                    Changes = [.. operation.Changes.Where(c => c.Attribute == active)],
                    Reason = $"{operation.Reason} {refused.Text}",
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        bool othersAreLeft = operation.ByMapping && outcome.Status == OutcomeStatus.Success;
        return othersAreLeft ? Failure(operation, CodeOf(refusal), outcome.Reason) : outcome;
    }

    private async Task<ProvisioningOutcome> DeleteAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            if (!await client.DeleteUserAsync(operation.TargetId!, cancellationToken).ConfigureAwait(false))
                return await ConfirmGoneAsync(operation, operation.TargetId!, null, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.Kind == ScimFailure.ServerError)
        {
            return await ConfirmGoneAsync(operation, operation.TargetId!, e, cancellationToken).ConfigureAwait(false);
        }
        links.Remove(operation.SourceId);
        return Outcome(operation, OutcomeStatus.Success, operation.TargetId, operation.Reason);
    }

    // One 404 does not prove that the user is gone, and a user who is taken for gone by mistake stays active for good. A 500 proves it no
    // better, and some services answer 500 for an id that they do not have.
    private async Task<ProvisioningOutcome> ConfirmGoneAsync(
        ProvisioningOperation operation,
        string id,
        ScimException? refusal,
        CancellationToken cancellationToken
    )
    {
        if (await _disappearance.DoubtAsync(operation.SourceId, id, cancellationToken).ConfigureAwait(false) is { } doubt)
        {
            if (refusal is { Kind: ScimFailure.ServerError })
                ExceptionDispatchInfo.Throw(refusal);
            return Failure(operation, "NotFound", doubt);
        }
        links.Remove(operation.SourceId);
        return Outcome(operation, OutcomeStatus.Success, id, new OperationReason(ReasonKind.GoneBefore, operation.Reason).Text);
    }

    private ProvisioningOutcome Taken(ProvisioningOperation operation, string id, string owner)
    {
        var problem = MatchProblem.Taken(id, owner);
        return Failure(operation, problem.Code, problem.Message);
    }

    private List<PatchOperation> Patch(DesiredUser user, IEnumerable<TargetAttribute> attributes) =>
        UserBody.Change(user, attributes, (_, value) => Resolved(value));

    /// <summary>The operation as it can be sent now. References to managers without a TravelPerk user, such as one whose create failed, are
    /// left out of the request and of the log.</summary>
    private ProvisioningOperation Resolved(ProvisioningOperation operation)
    {
        object?[] values = operation.Desired!.Values;
        Dictionary<string, string> sent = new(StringComparer.Ordinal);
        List<TargetAttribute> unsent = [];
        foreach (TargetAttribute attribute in operation.Send)
        {
            if (values[attribute.Slot] is not SourceReference { Anchor: var manager })
                continue;
            if (links.TargetIdOf(manager) is { } id)
                sent[manager] = id;
            else
                unsent.Add(attribute);
        }
        if (unsent.Count == 0)
            return sent.Count == 0 ? operation : operation with { References = sent };
        string note = string.Join(' ', unsent.Select(a => UnsentReference.AfterFailure(a, values[a.Slot])));
        return operation with
        {
            Note = Joined(operation.Note, note),
            Send = [.. operation.Send.Except(unsent)],
            Changes = ChangesWithout(operation, unsent),
            LeftOut = [.. operation.LeftOut, .. operation.Desired.ReferencesOf(unsent)],
            References = sent,
        };
    }

    /// <summary>The value to send. A reference is a target id, or null while its user has none.</summary>
    private object? Resolved(object? value) =>
        value switch
        {
            SourceReference r => links.TargetIdOf(r.Anchor),
            IgnoredFlow => null,
            _ => value,
        };

    private ProvisioningOutcome AlreadyInDesiredState(ProvisioningOperation operation, string targetId)
    {
        links.DesiredStateReached(operation.Desired!, targetId, operation.LeftOut);
        return Outcome(operation, OutcomeStatus.Success, targetId, operation.Reason);
    }

    private ProvisioningOutcome Failure(ProvisioningOperation operation, string code, string message)
    {
        DesiredUser? user = operation.Goal ?? operation.Desired;
        if (user is not null)
            links.Failed(user);
        else if (operation.Action == ProvisioningAction.Delete)
            links.DeleteAgain(operation.SourceId);
        return Outcome(operation, OutcomeStatus.Failure, operation.TargetId, message) with { ErrorCode = code };
    }

    internal ProvisioningOutcome Outcome(ProvisioningOperation operation, OutcomeStatus status, string? targetId, string reason) =>
        new()
        {
            Time = context.Time.GetUtcNow(),
            CycleId = context.CycleId,
            ObjectType = operation.ObjectType,
            Action = operation.Action,
            Status = status,
            Identity = operation.Identity,
            SourceId = operation.SourceId,
            TargetId = targetId,
            ModifiedProperties = operation.Changes,
            Operation = operation,
            Note = operation.Note,
            Reason = reason,
        };

    // The error code of Entra's provisioning log, where Entra has one for the failure.
    internal static string CodeOf(ScimException e)
    {
        if (e.StatusCode is { } status && s_codes.TryGetValue(status, out string? code))
            return code;
        return e.StatusCode >= HttpStatusCode.InternalServerError ? "InternalServerError" : e.ErrorId;
    }

    private static readonly Dictionary<HttpStatusCode, string> s_codes = new()
    {
        [HttpStatusCode.Conflict] = "Conflict",
        [HttpStatusCode.TooManyRequests] = "TooManyRequests",
        [HttpStatusCode.NotImplemented] = "NotImplemented",
        [HttpStatusCode.MethodNotAllowed] = "MethodNotAllowed",
        [HttpStatusCode.UnprocessableEntity] = "UnprocessableEntity",
    };
}
