using System.Runtime.CompilerServices;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>Walks through what the source says: everything, the changes since the watermark, or the users asked for. What each entry means
/// is the evaluator's to say.</summary>
internal sealed class SourceReader(
    IDirectorySource source,
    SourceLayout layout,
    EntryEvaluator evaluator,
    StateSnapshot snapshot,
    CycleContext context
)
{
    private const int MaxRetryFaults = 3;

    private readonly SourceReading _reading = evaluator.Reading;

    /// <summary>A cycle: everything or the changes, the entries in escrow that are due, and users who wait for a manager that
    /// came.</summary>
    public async Task<SourceReading> ReadAsync(string? watermark, CancellationToken cancellationToken)
    {
        SourceEnd? end = await EvaluateAllAsync(watermark, cancellationToken).ConfigureAwait(false);
        _reading.Complete = end is not null;
        _reading.Watermark = end?.Watermark;
        _reading.GroupsComplete = end is { Groups: true };
        // A watermark that moved on would pass over an unreadable object for good.
        if (end?.Watermark is not null && evaluator.HasUnidentifiedFault)
            _reading.Complete = false;
        await TakeUnlistedAsync(end, cancellationToken).ConfigureAwait(false);
        TakeSilence(end is { FullRead: true }, end is { FullRead: true });
        _reading.HasUnidentifiedFault = evaluator.HasUnidentifiedFault || _reading.Unread.Any();
        // Without a watermark the next read lists every user again.
        _reading.ListsAgain = end?.Watermark is null;
        _reading.Counts = evaluator.Counts;
        _reading.Warnings.AddRange(evaluator.DropWarnings);
        return _reading;
    }

    /// <returns>Null when the read did not reach its end.</returns>
    private async Task<SourceEnd?> EvaluateAllAsync(string? watermark, CancellationToken cancellationToken)
    {
        ProgressMeter progress = context.Meter("Reading the source", null);
        SourceEnd? end = null;
        await foreach (SourceItem item in source.ReadAsync(layout, watermark, cancellationToken).ConfigureAwait(false))
        {
            if (item is SourceEnd last)
                end = last;
            else
                evaluator.Evaluate(item);
            if (item is SourceEntry or SourceRemoval)
                progress.Step();
        }
        return end;
    }

    // Users whom the read did not name: absent from a full read, or due without a change.
    private async Task TakeUnlistedAsync(SourceEnd? end, CancellationToken cancellationToken)
    {
        if (end is null)
        {
            _reading.Warnings.Add(
                $"The read of {source.DisplayName} did not reach its end. What was read is applied; no user is disabled for being absent."
            );
            return;
        }
        if (end.FullRead)
        {
            await TakeAbsencesAsync(end, cancellationToken).ConfigureAwait(false);
            return;
        }
        await RetryAsync(cancellationToken).ConfigureAwait(false);
        await AwaitedAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>On demand: these users only.</summary>
    public async Task<SourceReading> FindAsync(IReadOnlyList<string> identities, CancellationToken cancellationToken)
    {
        await foreach (SourceItem item in source.FindAsync(layout, identities, cancellationToken).ConfigureAwait(false))
        {
            evaluator.Evaluate(item);
        }
        TakeSilence(listsEverybody: false, knowsAttributes: true);
        _reading.Complete = true;
        _reading.ListsAgain = true;
        _reading.Counts = evaluator.Counts;
        _reading.Warnings.AddRange(evaluator.DropWarnings);
        return _reading;
    }

    /// <summary>The groups beside the users asked for. Each read lists all of them, whatever it lists of the users.</summary>
    public async Task ReadGroupsAsync(string? watermark, CancellationToken cancellationToken)
    {
        await foreach (SourceItem item in source.ReadAsync(layout, watermark, cancellationToken).ConfigureAwait(false))
        {
            if (item is SourceGroup)
                evaluator.Evaluate(item);
            else if (item is SourceEnd end)
                _reading.GroupsComplete = end.Groups;
        }
    }

    /// <summary>Those of the given anchors that are proved to be gone, disabled or out of scope, and which of these.</summary>
    public async Task<Dictionary<string, Departure>> DepartedAsync(IReadOnlyList<string> anchors, CancellationToken cancellationToken)
    {
        var departed = new Dictionary<string, Departure>(StringComparer.Ordinal);
        await foreach (SourceItem item in AskForAsync(anchors, cancellationToken).ConfigureAwait(false))
        {
            if (evaluator.DepartureOf(item) is ({ } anchor, not Departure.None and var departure))
                departed[anchor] = departure;
        }
        return departed;
    }

    private void TakeSilence(bool listsEverybody, bool knowsAttributes)
    {
        evaluator.TellOfUnsaid(source.DisplayName);
        new SourceSilence(_reading, evaluator.Bound, evaluator.Scope, snapshot, source.DisplayName).Apply(listsEverybody, knowsAttributes);
    }

    // A list of changes names an escrowed entry, one that is staged, or one whose last write had no known outcome, only when it changes
    // again.
    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        List<string> due =
        [
            .. snapshot
                .Escrows.Where(e => !e.Value.Seen && e.Value.NextAttempt <= context.Began)
                .Select(e => e.Key)
                .Union(
                    snapshot.Intents.Keys.Concat(snapshot.Staged.Keys).Where(anchor => snapshot.LinkOf(anchor) is { Seen: false }),
                    StringComparer.Ordinal
                )
                .Union(
                    snapshot.Staged.Where(s => s.Value.IsTakeover && _reading.Of(s.Key) is not Assessment.Changed).Select(s => s.Key),
                    StringComparer.Ordinal
                ),
        ];
        List<string> unread = await TakeAgainAsync(due, cancellationToken).ConfigureAwait(false);
        if (unread.Count == 0)
            return;
        string some = string.Join(", ", unread.Take(MaxRetryFaults));
        string more = unread.Count > MaxRetryFaults ? ", ..." : "";
        _reading.Warnings.Add(
            $"{unread.Count} of the entries in escrow could not be read from {source.DisplayName} and stay there: {some}{more}."
        );
    }

    // The manager comes in this cycle, or came in one that could not go on to the reports: cut off, or on demand.
    private async Task AwaitedAsync(CancellationToken cancellationToken)
    {
        List<string> reports =
        [
            .. _reading
                .Arrivals.Concat(snapshot.ManagersNowPresent)
                .SelectMany(snapshot.ReportsAwaiting)
                .Where(a => snapshot.LinkOf(a) is { Seen: false, Enabled: true }),
        ];
        await TakeAgainAsync(reports, cancellationToken).ConfigureAwait(false);
    }

    // The source is not asked when there is no user to ask for.
    private async IAsyncEnumerable<SourceItem> AskForAsync(
        IReadOnlyList<string> anchors,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (anchors.Count == 0)
            yield break;
        await foreach (SourceItem item in source.FindAsync(layout, anchors, cancellationToken).ConfigureAwait(false))
            yield return item;
    }

    private async Task<List<string>> TakeAgainAsync(List<string> anchors, CancellationToken cancellationToken)
    {
        var unread = new List<string>();
        await foreach (SourceItem item in AskForAsync(anchors, cancellationToken).ConfigureAwait(false))
        {
            if (item is SourceFault fault)
                unread.Add(fault.Anchor ?? fault.Position);
            else if (item is SourceAbsence absence)
                unread.Add(absence.Identity);
            else
                evaluator.Evaluate(item);
        }
        return unread;
    }

    private async Task TakeAbsencesAsync(SourceEnd end, CancellationToken cancellationToken)
    {
        List<string> unseen = [.. snapshot.Links.Where(p => !p.Value.Seen && !IsDoneWith(p.Key, p.Value, end)).Select(p => p.Key)];
        if (evaluator.Counts.Read == 0 || evaluator.HasUnidentifiedFault)
        {
            LeaveAbsentAlone(unseen.Count(anchor => snapshot.LinkOf(anchor)!.Enabled));
            return;
        }
        if (end.ConfirmAbsence)
            unseen = await ConfirmedAsync(unseen, end, cancellationToken).ConfigureAwait(false);
        foreach (string anchor in unseen)
            evaluator.TakeAbsence(anchor);
        // A user who is to be disabled stays in escrow until that is done: a cycle that is cut off before must not forget the user.
        foreach ((string anchor, _) in snapshot.Escrows.Where(IsSettled))
            evaluator.Settle(anchor);
    }

    // Over the years, far more users leave the assignment than are assigned. The job left them to themselves when they left, and a list of
    // the entitled users names those who are back.
    private bool IsDoneWith(string anchor, Link link, SourceEnd end) =>
        end.EntitledOnly
        && link is { Enabled: false, Released: true }
        && !evaluator.ComparesAll
        && snapshot.EscrowOf(anchor) is null
        && !snapshot.Intents.ContainsKey(anchor)
        && !snapshot.Staged.ContainsKey(anchor);

    private void LeaveAbsentAlone(int absent)
    {
        if (absent == 0)
            return;
        if (evaluator.Counts.Read > 0)
        {
            _reading.Warnings.Add(
                $"{absent} linked users are not in {source.DisplayName}, but some of its entries could "
                    + "not be read and may be theirs; they are left as they are. Correct the entries named above."
            );
            return;
        }
        // Nothing was read, so the watermark that came with it stands for nothing.
        _reading.Complete = false;
        _reading.Warnings.Add(
            $"{source.DisplayName} lists no user; {absent} linked users are left as they are. "
                + "An empty list is no proof that all of them left."
        );
    }

    private bool IsSettled(KeyValuePair<string, Escrow> entry) =>
        !entry.Value.Seen && !_reading.IsUnread(entry.Key) && snapshot.LinkOf(entry.Key) is not { Enabled: true };

    /// <summary>Asks the source for each of them. A user who is still there is evaluated as found. A user who cannot be read is left as
    /// it is, and is asked for again.</summary>
    private async Task<List<string>> ConfirmedAsync(List<string> unseen, SourceEnd end, CancellationToken cancellationToken)
    {
        var gone = new List<string>();
        var unproved = new HashSet<string>(unseen, StringComparer.Ordinal);
        int overlooked = 0;
        await foreach (SourceItem item in AskForAsync(unseen, cancellationToken).ConfigureAwait(false))
        {
            switch (item)
            {
                // One witness: the list names entitled users only, so it is silent about this one.
                case SourceNotFound missing when end.EntitledOnly:
                    evaluator.Evaluate(missing);
                    unproved.Remove(missing.Anchor);
                    break;
                // Two witnesses: the list was complete, and the look-up finds nothing either.
                case SourceRemoval removal:
                    gone.Add(removal.Anchor);
                    break;
                case SourceNotFound missing:
                    gone.Add(missing.Anchor);
                    break;
                case SourceEntry entry:
                    evaluator.Evaluate(entry);
                    unproved.Remove(entry.Object.Anchor);
                    bool isPassedOver = !entry.SoftDeleted && !(end.EntitledOnly && entry.NotEntitled is not null);
                    if (isPassedOver && snapshot.LinkOf(entry.Object.Anchor) is { Enabled: true })
                        overlooked++;
                    break;
            }
        }
        unproved.ExceptWith(gone);
        TakeOverlooked(overlooked);
        TakeUnproved(unproved);
        return gone;
    }

    // A read that passed over these may have passed over others: the next one has to list every user again.
    private void TakeOverlooked(int overlooked)
    {
        if (overlooked == 0)
            return;
        _reading.Complete = false;
        _reading.Warnings.Add(
            $"{overlooked} linked users were not listed by {source.DisplayName}, but are there when asked for: "
                + "the list was not complete. What was read is applied, and the next cycle reads everything again."
        );
    }

    // No list of changes will name them.
    private void TakeUnproved(HashSet<string> unproved)
    {
        if (unproved.Count == 0)
            return;
        _reading.Warnings.Add(
            $"{unproved.Count} linked users are not in {source.DisplayName}, and asking for them "
                + "gave no proof that they are gone; they are left as they are, and asked for again."
        );
        foreach (string anchor in unproved)
            evaluator.TakeUnread(anchor);
    }
}
