using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>
/// Compares the values that were sent with the user that TravelPerk answered. A value that was accepted and not kept is sent in the other
/// forms that SCIM has for it. This is done for one user at a time, because a form that is learned for an attribute holds for all users.
/// Thread-safe.
/// </summary>
internal sealed class KeptValues(ScimClient client, BoundMapping bound, byte[] salt, CycleContext context) : IDisposable
{
    private readonly UnkeptKeys _keys = new(salt);
    private readonly SemaphoreSlim _alone = new(1);

    // Attributes that a PATCH in the form of the dialect has changed in this cycle. When such a PATCH changes nothing now, the form is not
    // the cause.
    private readonly bool[] _changes = new bool[bound.Attributes.Count];

    /// <summary>Never fails. The next read shows the values that could not be compared.</summary>
    public async Task<KeptResult> CompareAsync(WrittenUser written, CancellationToken cancellationToken)
    {
        object?[]? shown = null;
        try
        {
            ScimUser? answer = written.Answer;
            if (!IsWhole(answer) && written.Confirm)
                answer = await client.FindUserAsync(written.Id, cancellationToken).ConfigureAwait(false);
            if (!IsWhole(answer))
                return Result(written, null);
            bool isTheAnswer = ReferenceEquals(answer, written.Answer);
            shown = isTheAnswer && written.Shown is { } known ? known : bound.Extract(answer!);
            if (!written.Created)
                NoteChanges(written, shown);
            List<TargetAttribute> notKept = NotKept(written, shown);
            // Nearly every write ends here.
            if (notKept.Count == 0)
                return new KeptResult([], [], null);
            foreach (TargetAttribute attribute in notKept.Where(a => MayBeTheForm(written, a, shown)))
                shown = await TryOthersAsync(written, attribute, shown, cancellationToken).ConfigureAwait(false);
            return Result(written, shown);
        }
        catch (Exception e) when (e is ScimException or OperationCanceledException)
        {
            // The write itself succeeded.
            return Result(written, null, shown);
        }
    }

    public void Dispose() => _alone.Dispose();

    // Every user has a userName (RFC 7643 4.1.1). An answer without one shows a part of the user, or nothing.
    private static bool IsWhole(ScimUser? answer) => answer?.UserName is not null;

    /// <summary>Attributes that were sent and that TravelPerk shows with another value. No service shows a password (RFC 7643
    /// 4.1.1).</summary>
    private static List<TargetAttribute> NotKept(WrittenUser written, object?[] shown) =>
        [.. written.Sent.Where(a => !a.Flow.Volatile && !a.IsCore("password") && !written.IsHeldBy(shown, a))];

    private void NoteChanges(WrittenUser written, object?[] shown)
    {
        foreach (TargetAttribute attribute in written.Sent.Where(a => written.IsHeldBy(shown, a) && !written.IsHeldBy(written.Before, a)))
        {
            _changes[attribute.Slot] = true;
            if (client.Dialect.FormOf(attribute.Path) == AttributeForm.None)
                client.Learn(known => known.WithForm(attribute.Path, null));
        }
    }

    // A value that is neither the old one nor the one that was sent is the service's own spelling or limit. No form changes that.
    private static bool MayBeTheForm(WrittenUser written, TargetAttribute attribute, object?[] shown)
    {
        if (!attribute.FlowsOnUpdate)
            return false;
        if (attribute.Definition.Type == ScimAttributeType.Boolean)
            return true;
        object? value = shown[attribute.Slot];
        bool isEmpty = AttributeDiff.Same(attribute, null, value);
        return isEmpty || AttributeDiff.Same(attribute, written.Before?[attribute.Slot], value);
    }

    /// <returns>The values that TravelPerk shows afterwards.</returns>
    private async Task<object?[]> TryOthersAsync(
        WrittenUser written,
        TargetAttribute attribute,
        object?[] shown,
        CancellationToken cancellationToken
    )
    {
        await _alone.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            PatchOperation operation = Operation(attribute, written.Values[attribute.Slot], shown[attribute.Slot]);
            foreach (AttributeForm form in Untried(written, operation, attribute))
            {
                object?[]? after = await SendAsync(written.Id, operation, form, cancellationToken).ConfigureAwait(false);
                shown = after ?? shown;
                if (after is null || !written.IsHeldBy(after, attribute))
                    continue;
                Learn(attribute.Path, form);
                return shown;
            }
            if (!_changes[attribute.Slot] && client.Dialect.FormOf(attribute.Path) is null)
                Learn(attribute.Path, AttributeForm.None);
            return shown;
        }
        finally
        {
            _alone.Release();
        }
    }

    /// <summary>Forms that may help: the forms in which the value was not sent, unless the form that is kept is known already.</summary>
    private AttributeForm[] Untried(WrittenUser written, PatchOperation operation, TargetAttribute attribute)
    {
        ScimDialect dialect = client.Dialect;
        AttributeForm usual = Usual(dialect);
        AttributeForm? known = dialect.FormOf(attribute.Path);
        if (known == AttributeForm.None)
            return [];
        // A change may still write a value that a create dropped.
        bool isUntried = written.Created || known != written.Dialect.FormOf(attribute.Path);
        AttributeForm[] first = isUntried ? [known ?? usual] : [];
        bool isFormKnown = known is not null || _changes[attribute.Slot];
        return isFormKnown ? first : [.. first, .. AttributeForms.Others(operation, dialect.PatchForm ?? PatchForm.PathPerAttribute)];
    }

    /// <returns>The values that TravelPerk shows then; null when it refuses the form.</returns>
    private async Task<object?[]?> SendAsync(string id, PatchOperation operation, AttributeForm form, CancellationToken cancellationToken)
    {
        try
        {
            JsonObject message = PatchMessage.Write([operation], client.Dialect.WithForm(operation.Path, form));
            ScimUser? answer = await client.PatchUserAsync(id, message, cancellationToken).ConfigureAwait(false);
            if (!IsWhole(answer))
                answer = await client.FindUserAsync(id, cancellationToken).ConfigureAwait(false);
            return answer is null ? null : bound.Extract(answer);
        }
        catch (ScimException e)
            when (e is { OutcomeUnknown: false, Kind: ScimFailure.Refused or ScimFailure.NotFound or ScimFailure.Conflict })
        {
            return null;
        }
    }

    private void Learn(AttributePath path, AttributeForm form)
    {
        AttributeForm? learned = form == Usual(client.Dialect) ? null : form;
        client.Learn(known => known.WithForm(path, learned));
    }

    private static AttributeForm Usual(ScimDialect dialect) =>
        dialect.PatchForm == PatchForm.Pathless ? AttributeForm.Pathless : AttributeForm.Path;

    private static PatchOperation Operation(TargetAttribute attribute, object? value, object? shown) =>
        new(KindOf(attribute, value, shown), attribute.Path, value, attribute.Definition);

    private static PatchOperationKind KindOf(TargetAttribute attribute, object? value, object? shown)
    {
        if (value is null)
            return PatchOperationKind.Remove;
        bool isNewElement = attribute.Path.ValueFilter is not null && shown is null;
        return isNewElement ? PatchOperationKind.Add : attribute.WriteKind;
    }

    /// <param name="written">The user that was written.</param>
    /// <param name="shown">The values that TravelPerk shows now; null when they are not known.</param>
    /// <param name="last">The values that TravelPerk showed last.</param>
    private KeptResult Result(WrittenUser written, object?[]? shown, object?[]? last = null)
    {
        var today = DateOnly.FromDateTime(context.Time.GetUtcNow().UtcDateTime);
        object?[]? seen = shown ?? last ?? written.Before;
        if (seen is null)
            return new KeptResult([], [], null);
        List<TargetAttribute> notKept = NotKept(written, seen);
        // TravelPerk shows another value for active. An answer without active says nothing.
        bool activeNotKept = bound.Active is { } active && notKept.Contains(active) && shown?[active.Slot] is not null;
        bool isSure = shown is not null;
        var unkept = new List<UnkeptValue>();
        foreach (TargetAttribute attribute in notKept.Where(a => a.FlowsOnUpdate))
        {
            // A later cycle writes active again.
            if (activeNotKept && attribute == bound.Active)
                continue;
            ulong key = _keys.Of(attribute, written.Values[attribute.Slot], seen[attribute.Slot]);
            unkept.Add(new UnkeptValue(key, isSure, today));
        }
        return new KeptResult(isSure ? notKept : [], unkept, unkept.Count == 0 ? null : seen) { ActiveNotKept = activeNotKept };
    }
}

/// <summary>A user that was written.</summary>
/// <param name="Id">TravelPerk id.</param>
/// <param name="Sent">Attributes that were sent.</param>
/// <param name="Values">The values that were sent, by slot. References are target ids.</param>
/// <param name="Before">The values that TravelPerk held before, by slot; null when they were not read.</param>
/// <param name="Answer">The user in the answer; null when the answer had no body.</param>
/// <param name="Dialect">The server's dialect as it was known at the write.</param>
internal sealed record WrittenUser(
    string Id,
    IReadOnlyList<TargetAttribute> Sent,
    object?[] Values,
    object?[]? Before,
    ScimUser? Answer,
    ScimDialect Dialect
)
{
    /// <summary>True when a create wrote the user.</summary>
    public bool Created { get; init; }

    /// <summary>The values of the answer, by slot; null when they are not extracted yet.</summary>
    public object?[]? Shown { get; init; }

    /// <summary>After an answer without a body the user is read, because the write may have changed nothing.</summary>
    public bool Confirm { get; init; }

    /// <summary>The values, by slot, hold the value that was sent.</summary>
    public bool IsHeldBy(object?[]? values, TargetAttribute attribute) =>
        AttributeDiff.Holds(attribute, Values[attribute.Slot], values?[attribute.Slot]);
}

/// <summary>Which of the values that were sent TravelPerk kept.</summary>
/// <param name="NotKept">Attributes that TravelPerk accepted and shows with another value.</param>
/// <param name="Unkept">The same attributes for the state, and those of which only the next read can tell.</param>
/// <param name="Shown">The values that TravelPerk shows, by slot, where they differ from those that were sent; null otherwise.</param>
internal sealed record KeptResult(IReadOnlyList<TargetAttribute> NotKept, IReadOnlyList<UnkeptValue> Unkept, object?[]? Shown)
{
    /// <summary>TravelPerk accepted the value of active, and shows the opposite.</summary>
    public bool ActiveNotKept { get; init; }

    /// <summary>The result in sentences; null when TravelPerk kept every value.</summary>
    public string? Note
    {
        get
        {
            if (NotKept.Count == 0)
                return null;
            string names = string.Join(", ", NotKept.Select(a => a.Flow.TargetName));
            return $"Accepted, but not kept: {names}. TravelPerk shows another value than the one it accepted. {NextWrite}";
        }
    }

    private string NextWrite
    {
        get
        {
            if (!ActiveNotKept)
                return "It is not written again until the source or TravelPerk changes it, or for 30 days.";
            if (NotKept.Count == 1)
                return "It is written again in a later cycle.";
            return "Whether the user is active is written again in a later cycle; "
                + "the others are not, until the source or TravelPerk changes them, or for 30 days.";
        }
    }
}
