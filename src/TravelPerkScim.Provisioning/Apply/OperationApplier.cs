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

/// <summary>Carries one operation out and says how it ended. A failure of one entry is an outcome; what would fail every entry
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
    // Codes after which no other entry can succeed either.
    private static readonly HashSet<string> s_fatal = new(StringComparer.Ordinal)
    {
        "Unauthorized",
        "OAuthRefreshRefused",
        "OAuthClientRefused",
        "TokenStoreUnavailable",
        "Forbidden",
        "Unreachable",
        "TlsFailure",
        "NotScimService",
        "InsecureUri",
    };

    private const int LostAnswerRetries = 3;

    private const string StillActive =
        "Accepted, but not kept: TravelPerk accepted that the user is no longer active, and shows the user as active. "
        + "It is tried again; until that succeeds, deactivate the user in TravelPerk by hand.";

    private const string StillInactive =
        "Accepted, but not kept: TravelPerk accepted that the user is active, and shows the user as inactive. "
        + "It is tried again; until that succeeds, activate the user in TravelPerk by hand.";

    private readonly DeletedManagerCheck _lostManagers = new(client, links);
    private readonly Disappearance _disappearance = new(client, check, links);

    internal static bool IsFatal(ScimException e) => s_fatal.Contains(e.ErrorId);

    public async Task<ProvisioningOutcome> ApplyAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        long began = context.Time.GetTimestamp();
        ProvisioningOutcome outcome;
        try
        {
            outcome = operation switch
            {
                { Refused: true } => Outcome(operation, OutcomeStatus.Skipped, operation.TargetId, operation.Problem!) with
                {
                    ErrorCode = operation.ProblemCode,
                },
                { Staged: true } => Outcome(operation, OutcomeStatus.Staged, operation.TargetId, operation.Reason),
                { Problem: not null } => Failure(operation, operation.ProblemCode ?? "InvalidValue", operation.Problem),
                { Action: not ProvisioningAction.None and not ProvisioningAction.Create, TargetId: { } id }
                    when links.OtherOwner(id, operation.SourceId) is { } other => Taken(operation, id, other),
                { Action: ProvisioningAction.None } => Outcome(operation, OutcomeStatus.Skipped, operation.TargetId, operation.Reason),
                { Action: ProvisioningAction.Create } => await CreateAsync(operation, cancellationToken).ConfigureAwait(false),
                { Action: ProvisioningAction.Delete } => await DeleteAsync(operation, cancellationToken).ConfigureAwait(false),
                { Action: ProvisioningAction.Link } => Reached(operation, operation.TargetId!),
                _ => await PatchAsync(operation, cancellationToken).ConfigureAwait(false),
            };
        }
        catch (ScimException e) when (!IsFatal(e))
        {
            if (e.OutcomeUnknown)
                links.MarkOutcomeUnknown(operation.SourceId);
            outcome = Failure(operation, CodeOf(e), e.Message);
        }
        catch (Exception e) when (ProvisioningException.IsUnexpected(e))
        {
            // A fault that one user brings out must not keep the cycle from the others. Whether the write was done is not known.
            links.MarkOutcomeUnknown(operation.SourceId);
            outcome = Failure(operation, ProvisioningException.UnexpectedId, ProvisioningException.Unexpected(e).Message);
        }
        if (outcome.Status != OutcomeStatus.Success && operation.Interim.Count > 0)
            outcome = await RestoreAsync(operation, outcome, cancellationToken).ConfigureAwait(false);
        bool sent = operation is { Staged: false, Problem: null, Action: not ProvisioningAction.None };
        if (sent && (outcome.Status == OutcomeStatus.Success || !links.HasUnknownOutcome(operation.SourceId)))
            links.Ended(operation.SourceId);
        return outcome with { Duration = context.Time.GetElapsedTime(began) };
    }

    private async Task<ProvisioningOutcome> CreateAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        DesiredUser user = operation.Desired!;
        bool mayBeHidden =
            bound.Mapping.AllowsUpdate && check.IsRenamed(user) && links.OtherOwner(user.Link!.TargetId, user.Anchor) is null;
        if (mayBeHidden && await UpdateHiddenAsync(operation, user.Link!, cancellationToken).ConfigureAwait(false) is { } updated)
            return updated;
        operation = Resolved(operation);
        JsonObject body = UserBody.Create(user, operation.Send, (_, value) => Resolved(value));
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                ScimDialect dialect = client.Dialect;
                ScimUser created = await client.CreateUserAsync(body, cancellationToken).ConfigureAwait(false);
                object?[] shown = bound.Extract(created);
                if (links.OtherOwner(created.Id!, user.Anchor) is not null || !check.MayBe(user, shown))
                {
                    links.MarkOutcomeUnknown(user.Anchor);
                    return Failure(
                        operation,
                        "InvalidResponse",
                        $"TravelPerk answered the create with user {created.Id}, who is another person. "
                            + $"Nothing is linked; a later cycle finds out whether the user was created."
                    );
                }
                WrittenUser written = Written(operation, created.Id!, created, dialect) with { Created = true, Shown = shown };
                return await KeptAsync(operation, written, cancellationToken).ConfigureAwait(false);
            }
            catch (ScimException e) when (e.StatusCode == HttpStatusCode.BadRequest && !e.OutcomeUnknown)
            {
                if (!await _lostManagers.FindAsync(user, cancellationToken).ConfigureAwait(false))
                    throw;
                return await CreateAsync(operation, cancellationToken).ConfigureAwait(false);
            }
            catch (ScimException e) when (e.StatusCode == HttpStatusCode.Conflict || e.OutcomeUnknown)
            {
                if (e.OutcomeUnknown)
                    links.MarkOutcomeUnknown(user.Anchor);
                MatchResult found = await matcher
                    .QueryAsync(user, links.OwnersByTarget, anew: e.OutcomeUnknown, cancellationToken)
                    .ConfigureAwait(false);
                if (found.Problem is { } problem)
                    return Failure(operation, problem.Code, problem.Message);
                if (found.User is null && !e.OutcomeUnknown)
                    found = await matcher.WalkForAsync(user, links.OwnersByTarget, cancellationToken).ConfigureAwait(false);
                // Where the pages cannot be read either, the conflict is what there is to say.
                if (found.Problem is { Code: not MatchProblem.NotSearchableCode } hidden)
                    return Failure(operation, hidden.Code, hidden.Message);
                if (found.User is { } existing)
                    return await AdoptAsync(operation, existing, e.OutcomeUnknown, cancellationToken).ConfigureAwait(false);
                // The answer was lost and the user is not there: the request was lost too, and may be sent again. A service that answered
                // that it made the user made it,
                // also where it does not say which one and does not show it yet: a later cycle finds it.
                bool made = e.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous;
                if (!e.OutcomeUnknown || made || attempt >= LostAnswerRetries)
                    throw;
            }
        }
    }

    // The user was found neither by id nor by the names it is to have. Where the former names are others, a service that hides the user
    // for a while would get a second one: a write finds it all the same.
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
            Reason = "TravelPerk did not show the user, but has it.",
        };
        try
        {
            return await WriteAsync(operation, lost.TargetId, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.ErrorId is "NotFound" or "ServerError")
        {
            // Some services fail over an id that they do not have.
            return null;
        }
    }

    // A user that turns out to exist is brought to the desired state instead of being made twice.
    private async Task<ProvisioningOutcome> AdoptAsync(
        ProvisioningOperation operation,
        ScimUser existing,
        bool ours,
        CancellationToken cancellationToken
    )
    {
        DesiredUser user = operation.Desired!;
        object?[] desired = [.. user.Values];
        foreach (TargetAttribute attribute in bound.Attributes.Where(a => a.IsReference))
            desired[attribute.Slot] = Resolved(user.Values[attribute.Slot]) ?? IgnoredFlow.Instance as object;
        object?[] current = bound.Extract(existing);
        List<TargetAttribute> differs = AttributeDiff.Changed(bound, desired, current);
        if (
            !ours
            && SamePerson.OtherAccount(bound, user.Values, current) is { } other
            && !SamePerson.NamesAgree(bound, user.Values, current)
        )
            return Failure(
                operation,
                "EntryConflict",
                $"The matching TravelPerk user {existing.Id} has the externalId of another account ({other}), and given or "
                    + $"family name differ. The next cycle stages the takeover for an approval; or correct the matching attribute."
            );
        if (!ours && bound.Active is { } active && differs.Contains(active) && BoundMapping.IsFalse(desired[active.Slot]))
            return Failure(
                operation,
                "EntryConflict",
                $"TravelPerk has the user already ({existing.Id}), and the mapping of "
                    + $"'{active.Flow.TargetName}' gives False. The next cycle plans the disable."
            );
        if (differs.Count > 0 && !ours && !bound.Mapping.AllowsUpdate)
            return Outcome(
                operation,
                OutcomeStatus.Skipped,
                existing.Id,
                "TravelPerk has the user with other values, and the mapping does not update users."
            );
        links.Matched(user.Anchor, existing.Id!, links.KeysOf(user));
        user.Current = current;
        ProvisioningOperation adopted = ours
            ? operation with
            {
                Send = differs,
            }
            : operation with
            {
                Action = differs.Count > 0 ? ProvisioningAction.Update : ProvisioningAction.Link,
                TargetId = existing.Id,
                Send = differs,
                Changes = AttributeDiff.Describe(differs, current, desired),
                Reason = "TravelPerk answered that the user exists; it was found by its matching attributes.",
            };
        return differs.Count > 0
            ? await WriteAsync(adopted, existing.Id!, cancellationToken).ConfigureAwait(false)
            : Reached(adopted, existing.Id!);
    }

    private async Task<ProvisioningOutcome> PatchAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        DesiredUser user = operation.Desired!;
        string? id = operation.TargetId ?? links.TargetIdOf(user.Anchor);
        if (id is null)
            return Outcome(operation, OutcomeStatus.Skipped, null, "The user was not created, so there is nothing to update.");
        operation = Resolved(operation) with { TargetId = id };
        if (Patch(user, operation.Send).Count == 0)
        {
            // All that was to be sent waits for the manager; whoever comes then asks for this user.
            links.Reached(user, id);
            return Outcome(
                operation,
                OutcomeStatus.Skipped,
                id,
                "The manager has no TravelPerk user yet; the reference follows when it has."
            );
        }
        try
        {
            return await WriteAsync(operation, id, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.StatusCode == HttpStatusCode.BadRequest && !e.OutcomeUnknown)
        {
            if (!await _lostManagers.FindAsync(user, cancellationToken).ConfigureAwait(false))
                throw;
            return await PatchAsync(operation, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e)
            when (operation is { Action: ProvisioningAction.Disable, Send.Count: > 1 }
                && !e.OutcomeUnknown
                && e.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Conflict
            )
        {
            return await DisableOnlyAsync(operation, e, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e)
            when (e.ErrorId is "NotFound" or "ServerError" && operation is { Action: ProvisioningAction.Disable, ByMapping: false })
        {
            return await GoneAsync(operation, id, e, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.ErrorId == "NotFound")
        {
            if (await client.FindUserAsync(id, cancellationToken).ConfigureAwait(false) is null)
                throw;
            return Failure(operation, e.ErrorId, Disappearance.StillShown(id));
        }
    }

    /// <summary>Sends a change, and notes how far TravelPerk keeps it.</summary>
    private async Task<ProvisioningOutcome> WriteAsync(ProvisioningOperation operation, string id, CancellationToken cancellationToken)
    {
        DesiredUser user = operation.Desired!;
        ScimDialect dialect = client.Dialect;
        ScimUser? answer = await client.PatchUserAsync(id, Patch(user, operation.Send), cancellationToken).ConfigureAwait(false);
        if (operation.Part == OperationPart.Interim)
        {
            links.Between(user, id);
            return Outcome(operation, OutcomeStatus.Success, id, operation.Reason);
        }
        return await KeptAsync(operation, Written(operation, id, answer, dialect), cancellationToken).ConfigureAwait(false);
    }

    private WrittenUser Written(ProvisioningOperation operation, string id, ScimUser? answer, ScimDialect dialect)
    {
        DesiredUser user = operation.Desired!;
        bool created = operation.Action == ProvisioningAction.Create;
        object?[] values = [.. bound.Attributes.Select(a => Resolved(created ? a.OnCreate(user.Values[a.Slot]) : user.Values[a.Slot]))];
        object?[]? before = user.Current ?? (created ? new object?[values.Length] : null);
        // A create always sends whether the user is active, and is answered with the user.
        bool confirm = operation.Confirm || (!created && bound.Active is { } active && operation.Send.Contains(active));
        return new WrittenUser(id, operation.Send, values, before, answer, dialect) { Confirm = confirm };
    }

    // What was accepted is done as far as it was kept. A leaver who stays active has kept the access, and a returner who stays inactive has
    // not got it.
    private async Task<ProvisioningOutcome> KeptAsync(
        ProvisioningOperation operation,
        WrittenUser written,
        CancellationToken cancellationToken
    )
    {
        KeptResult result = await kept.CompareAsync(written, cancellationToken).ConfigureAwait(false);
        if (result.ActiveLost && !written.Created)
            return Failure(
                operation with
                {
                    TargetId = written.Id,
                },
                "NotKept",
                BoundMapping.IsFalse(written.Values[bound.Active!.Slot]) ? StillActive : StillInactive
            );
        if (operation.Action == ProvisioningAction.Disable && !operation.ByMapping)
            links.Disabled(operation.SourceId, written.Id, operation.Releases);
        else
            links.Reached(operation.Desired!, written.Id, result.Unkept, result.Shown);
        // The user is there; a later cycle makes it active, or inactive.
        if (result.ActiveLost)
            links.Failed(operation.Desired!);
        return Outcome(operation, OutcomeStatus.Success, written.Id, operation.Reason) with
        {
            ModifiedProperties =
                result.Lost.Count == 0
                    ? operation.Changes
                    : [.. operation.Changes.Where(c => result.Lost.All(a => a.Flow.TargetName != c.Attribute))],
            Note = operation.Note is { } unsent && result.Note is { } lost ? $"{unsent} {lost}" : operation.Note ?? result.Note,
        };
    }

    // The exchange did not come about: a value for the moment must not become the user's own.
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
            return failed with
            {
                Reason =
                    $"{failed.Reason} The user has a {names} for the moment, and TravelPerk did not take the former one back: {e.Message}",
            };
        }
        return failed with { Reason = $"{failed.Reason} The user has its former {names} again." };
    }

    // A value that TravelPerk refuses must not keep access open. Of a user who stays managed the others are still to be written.
    private async Task<ProvisioningOutcome> DisableOnlyAsync(
        ProvisioningOperation operation,
        ScimException refusal,
        CancellationToken cancellationToken
    )
    {
        string active = bound.Active!.Flow.TargetName;
        ProvisioningOutcome outcome = await PatchAsync(
                operation with
                {
                    Send = [.. operation.Send.Where(a => a == bound.Active)],
                    Changes = [.. operation.Changes.Where(c => c.Attribute == active)],
                    Reason =
                        $"{operation.Reason} TravelPerk refused the other attributes, "
                        + $"so that only '{active}' was written: {refusal.Message}",
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return operation.ByMapping && outcome.Status == OutcomeStatus.Success
            ? Failure(operation, CodeOf(refusal), outcome.Reason)
            : outcome;
    }

    private async Task<ProvisioningOutcome> DeleteAsync(ProvisioningOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            if (!await client.DeleteUserAsync(operation.TargetId!, cancellationToken).ConfigureAwait(false))
                return await GoneAsync(operation, operation.TargetId!, null, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.ErrorId == "ServerError")
        {
            return await GoneAsync(operation, operation.TargetId!, e, cancellationToken).ConfigureAwait(false);
        }
        links.Remove(operation.SourceId);
        return Outcome(operation, OutcomeStatus.Success, operation.TargetId, operation.Reason);
    }

    // One 404 is no proof: who is taken for gone by mistake stays active for good. A 500 is none either, and some services answer it for
    // an id that they do not have.
    private async Task<ProvisioningOutcome> GoneAsync(
        ProvisioningOperation operation,
        string id,
        ScimException? refusal,
        CancellationToken cancellationToken
    )
    {
        if (await _disappearance.DoubtAsync(operation.SourceId, id, cancellationToken).ConfigureAwait(false) is { } doubt)
        {
            if (refusal is { ErrorId: "ServerError" })
                ExceptionDispatchInfo.Throw(refusal);
            return Failure(operation, "NotFound", doubt);
        }
        links.Remove(operation.SourceId);
        return Outcome(operation, OutcomeStatus.Success, id, $"{operation.Reason} TravelPerk no longer had the user.");
    }

    private ProvisioningOutcome Taken(ProvisioningOperation operation, string id, string owner) =>
        Failure(operation, MatchProblem.Taken(id, owner).Code, MatchProblem.Taken(id, owner).Message);

    private List<PatchOperation> Patch(DesiredUser user, IEnumerable<TargetAttribute> attributes) =>
        UserBody.Change(user, attributes, (_, value) => Resolved(value));

    /// <summary>The operation as it can be sent now, which is what the log tells: a manager whose own create failed is not there to be
    /// referred to.</summary>
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
        IEnumerable<string> notes =
        [
            .. new[] { operation.Note }.OfType<string>(),
            .. unsent.Select(a => UnsentReference.AfterFailure(a, values[a.Slot])),
        ];
        return operation with
        {
            Note = string.Join(' ', notes),
            Send = [.. operation.Send.Except(unsent)],
            Changes = [.. operation.Changes.Where(c => unsent.All(a => a.Flow.TargetName != c.Attribute))],
            References = sent,
        };
    }

    /// <summary>The value to send; a reference as target id, or null while its user has none.</summary>
    private object? Resolved(object? value) =>
        value switch
        {
            SourceReference r => links.TargetIdOf(r.Anchor),
            IgnoredFlow => null,
            _ => value,
        };

    private ProvisioningOutcome Reached(ProvisioningOperation operation, string targetId)
    {
        links.Reached(operation.Desired!, targetId);
        return Outcome(operation, OutcomeStatus.Success, targetId, operation.Reason);
    }

    private ProvisioningOutcome Failure(ProvisioningOperation operation, string code, string message)
    {
        if ((operation.Goal ?? operation.Desired) is { } user)
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

    // Entra's provisioning log error codes, where it has one.
    internal static string CodeOf(ScimException e) =>
        e.StatusCode switch
        {
            HttpStatusCode.Conflict => "Conflict",
            HttpStatusCode.TooManyRequests => "TooManyRequests",
            HttpStatusCode.NotImplemented => "NotImplemented",
            HttpStatusCode.MethodNotAllowed => "MethodNotAllowed",
            HttpStatusCode.UnprocessableEntity => "UnprocessableEntity",
            >= HttpStatusCode.InternalServerError => "InternalServerError",
            _ => e.ErrorId,
        };
}
