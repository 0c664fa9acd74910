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
/// Compares what was sent with the user that TravelPerk answered. A value that was accepted and not kept is sent in the other forms that
/// SCIM has for it, one user at a time: what is learned of an attribute holds for all users. Thread-safe.
/// </summary>
internal sealed class KeptValues(ScimClient client, BoundMapping bound, byte[] salt, CycleContext context) : IDisposable
{
    private readonly UnkeptKeys _keys = new(salt);
    private readonly SemaphoreSlim _alone = new(1);

    // Attributes that a PATCH in the form of the dialect has changed in this cycle: where it changes nothing now, the form is not why.
    private readonly bool[] _changes = new bool[bound.Attributes.Count];

    /// <summary>Never fails: what could not be compared is told by the next read.</summary>
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
            shown = ReferenceEquals(answer, written.Answer) && written.Shown is { } known ? known : bound.Extract(answer!);
            if (!written.Created)
                NoteChanges(written, shown);
            List<TargetAttribute> lost = Lost(written, shown);
            // What nearly every write comes to.
            if (lost.Count == 0)
                return new KeptResult([], [], null);
            foreach (TargetAttribute attribute in lost.Where(a => MayBeTheForm(written, a, shown)))
                shown = await TryOthersAsync(written, attribute, shown, cancellationToken).ConfigureAwait(false);
            return Result(written, shown);
        }
        catch (Exception e) when (e is ScimException or OperationCanceledException)
        {
            // The write itself was answered well.
            return Result(written, null, shown);
        }
    }

    public void Dispose() => _alone.Dispose();

    // Every user has a userName (RFC 7643 4.1.1): an answer without it shows a part, or nothing.
    private static bool IsWhole(ScimUser? answer) => answer?.UserName is not null;

    /// <summary>Attributes that were sent and that the answer shows otherwise. No service shows a password (RFC 7643 4.1.1).</summary>
    private static List<TargetAttribute> Lost(WrittenUser written, object?[] shown) =>
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

    // A third value is the service's own way of writing it, or a limit of its own: no form changes that.
    private static bool MayBeTheForm(WrittenUser written, TargetAttribute attribute, object?[] shown) =>
        attribute.FlowsOnUpdate
        && (
            AttributeDiff.Same(attribute, null, shown[attribute.Slot])
            || attribute.Definition.Type == ScimAttributeType.Boolean
            || AttributeDiff.Same(attribute, written.Before?[attribute.Slot], shown[attribute.Slot])
        );

    /// <returns>What TravelPerk shows afterwards.</returns>
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
            foreach (AttributeForm form in Untried(written, operation, attribute).ToList())
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

    /// <summary>Forms that may help: those that the value was not sent in, as far as it is not known already which one is kept.</summary>
    private IEnumerable<AttributeForm> Untried(WrittenUser written, PatchOperation operation, TargetAttribute attribute)
    {
        ScimDialect dialect = client.Dialect;
        AttributeForm usual = Usual(dialect);
        AttributeForm? known = dialect.FormOf(attribute.Path);
        // What a create drops, a change may still write.
        bool fresh = written.Created || known != written.Dialect.FormOf(attribute.Path);
        return known switch
        {
            AttributeForm.None => [],
            { } form => fresh ? [form] : [],
            _ when _changes[attribute.Slot] => fresh ? [usual] : [],
            _ =>
            [
                .. fresh ? [usual] : Array.Empty<AttributeForm>(),
                .. AttributeForms.Others(operation, dialect.PatchForm ?? PatchForm.PathPerAttribute),
            ],
        };
    }

    /// <returns>What TravelPerk shows then; null when it refuses the form.</returns>
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
        catch (ScimException e) when (e is { OutcomeUnknown: false, ErrorId: "InvalidRequest" or "NotFound" or "Conflict" })
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

    private static PatchOperation Operation(TargetAttribute attribute, object? value, object? shown)
    {
        PatchOperationKind kind =
            value is null ? PatchOperationKind.Remove
            : attribute.Path.ValueFilter is not null && shown is null ? PatchOperationKind.Add
            : attribute.WriteKind;
        return new PatchOperation(kind, attribute.Path, value, attribute.Definition);
    }

    /// <param name="written">What was written.</param>
    /// <param name="shown">What TravelPerk shows of the user now; null when that is not known.</param>
    /// <param name="last">What it showed last.</param>
    private KeptResult Result(WrittenUser written, object?[]? shown, object?[]? last = null)
    {
        DateOnly today = DateOnly.FromDateTime(context.Time.GetUtcNow().UtcDateTime);
        object?[]? seen = shown ?? last ?? written.Before;
        if (seen is null)
            return new KeptResult([], [], null);
        List<TargetAttribute> lost = Lost(written, seen);
        // Shown otherwise, not only not shown.
        bool activeLost = bound.Active is { } active && lost.Contains(active) && shown?[active.Slot] is not null;
        List<UnkeptValue> unkept =
        [
            .. lost.Where(a => a.FlowsOnUpdate && !(activeLost && a == bound.Active))
                .Select(a => new UnkeptValue(_keys.Of(a, written.Values[a.Slot], seen[a.Slot]), Sure: shown is not null, today)),
        ];
        return new KeptResult(shown is null ? [] : lost, unkept, unkept.Count == 0 ? null : seen) { ActiveLost = activeLost };
    }
}

/// <summary>A user that was written.</summary>
/// <param name="Id">TravelPerk id.</param>
/// <param name="Sent">Attributes that were sent.</param>
/// <param name="Values">Their values, references as target ids; by slot.</param>
/// <param name="Before">What TravelPerk held before, by slot; null when that was not read.</param>
/// <param name="Answer">The user as answered; null when there was no body.</param>
/// <param name="Dialect">What was known of the server when it was written.</param>
internal sealed record WrittenUser(
    string Id,
    IReadOnlyList<TargetAttribute> Sent,
    object?[] Values,
    object?[]? Before,
    ScimUser? Answer,
    ScimDialect Dialect
)
{
    /// <summary>Written by a create.</summary>
    public bool Created { get; init; }

    /// <summary>What the answer shows, by slot, where that was looked at before; null: it was not.</summary>
    public object?[]? Shown { get; init; }

    /// <summary>An answer without a body is not enough: there is reason to doubt.</summary>
    public bool Confirm { get; init; }

    /// <summary>The value that was sent is among these, by slot.</summary>
    public bool IsHeldBy(object?[]? values, TargetAttribute attribute) =>
        AttributeDiff.Holds(attribute, Values[attribute.Slot], values?[attribute.Slot]);
}

/// <summary>What became of the values that were sent.</summary>
/// <param name="Lost">Attributes that TravelPerk accepted and shows otherwise.</param>
/// <param name="Unkept">The same for the state, with what only the next read can tell.</param>
/// <param name="Shown">What TravelPerk shows of the user, by slot, where that is not what was sent; null otherwise.</param>
internal sealed record KeptResult(IReadOnlyList<TargetAttribute> Lost, IReadOnlyList<UnkeptValue> Unkept, object?[]? Shown)
{
    /// <summary>TravelPerk accepted whether the user is active, and shows the opposite.</summary>
    public bool ActiveLost { get; init; }

    /// <summary>The same in a sentence; null when everything was kept.</summary>
    public string? Note =>
        Lost.Count == 0
            ? null
            : $"Accepted, but not kept: {string.Join(", ", Lost.Select(a => a.Flow.TargetName))}. "
                + $"TravelPerk shows another value than the one it accepted. "
                + (
                    !ActiveLost ? "It is not written again until the source or TravelPerk changes it, or for 30 days."
                    : Lost.Count == 1 ? "It is written again in a later cycle."
                    : "Whether the user is active is written again in a later cycle; "
                        + "the others are not, until the source or TravelPerk changes them, or for 30 days."
                );
}
