using System.Runtime.CompilerServices;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>A directory file: CSV as the Entra admin center writes it, JSON or JSON Lines as Microsoft Graph returns users.</summary>
/// <remarks>
/// A file has no watermark, so every read is a full read. Only a Graph delta response (a file with <c>@odata.deltaLink</c>) lists changes,
/// and ends with <see cref="SourceEnd.FullRead"/> false. When the file ends early, is one page of many, or changed during the read, the
/// stream ends without <see cref="SourceEnd"/>, after a <see cref="SourceFault"/> that says why. A manager given by userPrincipalName,
/// distinguished name or mail instead of object id is looked up in the same file. A manager who is not in the file is passed on as given. A
/// manager whose name several entries have counts as not given. A <see cref="SourceWarning"/> tells of both.
/// </remarks>
public sealed class FileSource(string path) : IDirectorySource
{
    private static readonly SourceFault s_changed = new(
        "end",
        "The file changed while it was read, so who is absent is not known. Run the cycle again when nothing writes to it."
    );

    public string DisplayName => Path.GetFileName(path);

    public async IAsyncEnumerable<SourceItem> ReadAsync(
        SourceLayout layout,
        string? watermark,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(layout);
        IAsyncEnumerator<SourceItem> items = ReadCheckedAsync(layout, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (items.ConfigureAwait(false))
        {
            string? broken = null;
            while (broken is null)
            {
                try
                {
                    if (!await items.MoveNextAsync().ConfigureAwait(false))
                        yield break;
                }
                catch (IOException e)
                {
                    broken = e.Message;
                    continue;
                }

                yield return items.Current;
            }

            yield return new SourceFault(
                "end",
                $"The file could not be read to its end ({broken}), so who is absent is not known. Run the cycle again."
            );
        }
    }

    /// <remarks>Reads the whole file, because a file has no index. An identity that is not in a file that was read whole gives a
    /// <see cref="SourceAbsence"/>. A file cannot prove that an account was deleted.</remarks>
    public async IAsyncEnumerable<SourceItem> FindAsync(
        SourceLayout layout,
        IReadOnlyList<string> identities,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(identities);
        // Hits are given at the end of the file, because a later line may contradict an earlier one, and two accounts may have one name.
        var hits = new Dictionary<string, SourceItem>(StringComparer.OrdinalIgnoreCase);
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var wanted = identities
            .DistinctBy(SourceAnchor.Canonical, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(SourceAnchor.Canonical, StringComparer.OrdinalIgnoreCase);
        // As in a cycle, an absence is not proved by an empty list, by a list of changes, or when an entry's owner is unknown.
        bool whole = false,
            ownerUnknown = false,
            hasEntries = false,
            hiddenName = false;
        await foreach (SourceItem item in ReadAsync(layout, null, cancellationToken).ConfigureAwait(false))
        {
            whole = item is SourceEnd { FullRead: true };
            hasEntries |= item is SourceEntry;
            ownerUnknown |= item is SourceFault { Anchor: null };
            switch (item)
            {
                case SourceEntry { Object: var user } when Meets(user):
                    hits[user.Anchor] = item;
                    break;
                case SourceRemoval { Anchor: var removed } when IsWanted(removed):
                    hits[removed] = item;
                    break;
                case SourceFault { Anchor: { } unread } when IsWanted(unread) || hits.ContainsKey(unread):
                    hits[unread] = item;
                    break;
                case SourceFault { Anchor: not null }:
                    hiddenName = true;
                    break;
                case SourceFault or SourceWarning or SourceAttributes or SourceNotice:
                    yield return item;
                    break;
            }
        }

        foreach (SourceItem hit in hits.Values)
            yield return hit;

        bool provesAbsence = whole && hasEntries && !ownerUnknown;
        foreach ((string? canonical, string? identity) in wanted.Where(one => !found.Contains(one.Key)))
        {
            string message = $"{DisplayName} has no user with the id or userPrincipalName '{identity}'.";
            // A line that cannot be used may have the name.
            bool mayBeHidden = hiddenName && canonical.Contains('@', StringComparison.Ordinal);
            bool proved = provesAbsence && !mayBeHidden;
            yield return proved ? new SourceAbsence(identity, message) : new SourceFault(identity, message);
        }

        yield return new SourceEnd(FullRead: false, Watermark: null, hits.Count + wanted.Count - found.Count);

        // A user can meet several of the identities, and each of them counts as found.
        bool Meets(SourceObject user)
        {
            bool met = IsWanted(user.Anchor);
            if (user["userPrincipalName"] is string name)
                met |= IsWanted(name) | IsWanted(GuestName.Home(name));
            return met;
        }

        bool IsWanted(string identity)
        {
            if (!wanted.ContainsKey(identity))
                return false;

            found.Add(identity);
            return true;
        }
    }

    private async IAsyncEnumerable<SourceItem> ReadCheckedAsync(
        SourceLayout layout,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        SourceFile file = await SourceFile.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable disposal = file.ConfigureAwait(false);
        var notes = new SourceNotes(layout);
        IUserReader reader = file.CreateReader(layout, notes);
        var managers = new ManagerNames(layout, ReadPlainAsync);
        var seen = new SeenAnchors();
        long total = 0;
        await foreach (SourceItem item in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item is SourceEnd end)
            {
                if (total > 0)
                    yield return notes.Attributes(reader.HasEndMark);

                if (notes.Flattened(DisplayName) is { } flattened)
                    yield return flattened;

                foreach (SourceWarning warning in end.FullRead ? managers.Warnings(DisplayName, seen) : [])
                    yield return warning;

                yield return file.ChangedSinceOpened() ? s_changed : end with { TotalRead = total };
                yield break;
            }

            if (reader.IsCutOff)
                yield return notes.Attributes(reader.HasEndMark);

            total += item is SourceNotice ? 0 : 1;
            string? anchor = (item as SourceEntry)?.Object.Anchor ?? (item as SourceRemoval)?.Anchor;
            if (anchor is not null && !seen.Add(anchor, reader.Line, out int firstLine))
            {
                yield return new SourceFault(
                    reader.Position,
                    $"The id {anchor} was already on line {firstLine}. Keep one of the two.",
                    anchor
                );
            }
            else if (item is SourceEntry found)
            {
                yield return await TakeAsync(found).ConfigureAwait(false);
            }
            else
            {
                yield return item;
            }
        }

        ValueTask<SourceEntry> TakeAsync(SourceEntry entry)
        {
            notes.Take(entry.Object);
            return managers.ResolveAsync(entry, reader, cancellationToken);
        }
    }

    private async IAsyncEnumerable<SourceItem> ReadPlainAsync(
        SourceLayout layout,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        SourceFile file = await SourceFile.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable disposal = file.ConfigureAwait(false);
        await foreach (
            SourceItem item in file.CreateReader(layout, new SourceNotes(layout)).ReadAsync(cancellationToken).ConfigureAwait(false)
        )
        {
            yield return item;
        }
    }
}
