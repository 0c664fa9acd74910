using System.Runtime.CompilerServices;
using System.Text.Json;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Microsoft Entra ID, read through Microsoft Graph: delta queries of users and groups, and the enterprise application's
/// assignments.</summary>
/// <remarks>
/// A full read is the first round of the users' delta, so that its watermark covers it. Where few users of a large tenant are entitled, the
/// deltas follow only these users and their groups (<see cref="FilterRule"/>). An incremental read takes three requests when nothing
/// changed. The delta names the users who changed, and each of them is read whole. A watermark that is too old, or of other
/// settings or attributes, leads to a full read. Users who are asked for after a read are entitled as that read found it, because a list of
/// one user's groups may be behind the deltas. So one object serves one cycle.
/// </remarks>
public sealed class EntraSource : IDirectorySource
{
    private readonly EntraDirectory _directory;
    private readonly EntraSourceSettings _settings;

    /// <summary>The entitled users, as the last read of this source found them.</summary>
    private Entitled? _read;

    /// <exception cref="ArgumentException">The scope is Assigned, and no application is named.</exception>
    public EntraSource(EntraDirectory directory, EntraSourceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(settings);
        if (settings is { Scope: EntitlementScope.Assigned, ApplicationId: not { Length: > 0 } })
        {
            throw new ArgumentException(
                "The scope Assigned needs the object id of the enterprise application's service principal.",
                nameof(settings)
            );
        }
        (_directory, _settings) = (directory, settings);
    }

    public string DisplayName => _directory.DisplayName;

    public async IAsyncEnumerable<SourceItem> ReadAsync(
        SourceLayout layout,
        string? watermark,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(layout);
        var run = new SourceRun(_directory, _settings, layout);
        var former = EntraWatermark.Parse(watermark);
        EntraWatermark? mark = former?.Fingerprint == run.Fingerprint ? former : null;
        Membership membership = mark?.Membership ?? new Membership { Bin = former?.Membership.Bin ?? new RecycleBin() };
        membership.Bin.Empty(run.Now);
        Entitlement? before = former is null ? null : run.Resolve(former.Membership);
        // Assignments before users: a user whom an assignment names is then in the directory.
        await run.UpdateAsync(membership, cancellationToken).ConfigureAwait(false);
        Entitlement entitlement = run.Resolve(membership);
        // The read changes the membership that the watermark gave, so the one before is unpacked again where it is needed.
        Membership? Former() => EntraWatermark.Parse(watermark)?.Membership;
        LostGroups? lost = mark is null ? null : new LostGroups(before!, Former, membership);
        var who = new Entitled(entitlement, membership, lost, run.OnlyAssigned);
        _read = who;
        var ends = new List<TrackedLink>();
        UserChanges? changes = mark is null
            ? null
            : await ChangesAsync(run, mark.UserLinks, who, ends, cancellationToken).ConfigureAwait(false);
        // Where everyone was listed before, many users may be linked who are not entitled now, and each of them would be asked for.
        bool entitledOnly = former?.HasFilters is not false && run.Users.ListsEntitledOnly(who);

        foreach (SourceNotice notice in SourceRun.Notices(membership))
            yield return notice;
        foreach (SourceGroup group in run.Groups(membership))
            yield return group;
        long total = 0;
        IAsyncEnumerable<SourceItem> items = changes is null
            ? ListAsync(run, who, before, entitledOnly, ends, cancellationToken)
            : ChangedAsync(run, changes, entitlement.DifferingFrom(before!), who, cancellationToken);
        await foreach (SourceItem item in items.ConfigureAwait(false))
        {
            total++;
            membership.Bin.Take(item, id => entitlement.Has(id) || before?.Has(id) is true, run.Now);
            yield return item;
        }
        await run.Users.FollowBinAsync(who, ends, cancellationToken).ConfigureAwait(false);
        entitledOnly = changes is null && ends.TrueForAll(link => link.HasFilter);
        string next = new EntraWatermark(ends, run.Fingerprint, membership).ToString();
        bool groups = _settings.ReadGroups && SourceRun.AllGroupsKnown(membership);
        yield return new SourceEnd(changes is null, next, total, ConfirmAbsence: true, Groups: groups, EntitledOnly: entitledOnly);
    }

    public IAsyncEnumerable<SourceItem> FindAsync(
        SourceLayout layout,
        IReadOnlyList<string> identities,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(identities);
        var run = new SourceRun(_directory, _settings, layout);
        return new UserSearch(run, _settings.IncludeNestedGroups, _read).FindAsync(identities, cancellationToken);
    }

    /// <returns>Null when the link is too old.</returns>
    private static async Task<UserChanges?> ChangesAsync(
        SourceRun run,
        IReadOnlyList<TrackedLink> links,
        Entitled who,
        List<TrackedLink> ends,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await run.Users.ChangesAsync(links, who, ends, cancellationToken).ConfigureAwait(false);
        }
        catch (DeltaExpiredException)
        {
            ends.Clear();
            return null;
        }
    }

    private static async IAsyncEnumerable<SourceItem> ChangedAsync(
        SourceRun run,
        UserChanges changes,
        IEnumerable<Guid> moved,
        Entitled who,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (int nameless = 0; nameless < changes.Nameless; nameless++)
            yield return Nameless();
        foreach ((Guid id, UserChange change) in changes.ByUser.Where(pair => !pair.Value.Present))
            yield return change.Removal == "deleted" ? new SourceRemoval(id.ToString("D")) : run.SoftDeleted(id);
        IEnumerable<Guid> read = changes
            .ByUser.Where(pair => pair.Value.Present)
            .Select(pair => pair.Key)
            .Concat(moved.Where(id => !changes.ByUser.ContainsKey(id)));
        IAsyncEnumerable<SourceItem> users = run.ReadUsersAsync(read, IsDeleted, who, cancellationToken);
        await foreach (SourceItem item in users.ConfigureAwait(false))
            yield return item;

        bool IsDeleted(Guid id) => changes.ByUser.GetValueOrDefault(id).Removal == "deleted";
    }

    private static async IAsyncEnumerable<SourceItem> ListAsync(
        SourceRun run,
        Entitled who,
        Entitlement? before,
        bool entitledOnly,
        List<TrackedLink> ends,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var seen = new HashSet<Guid>();
        var again = new HashSet<Guid>();
        var deleted = new HashSet<Guid>();
        IAsyncEnumerator<RoundItem> users = run
            .Users.ListAsync(who, entitledOnly, ends, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        await using (users.ConfigureAwait(false))
        {
            while (await NextAsync(users).ConfigureAwait(false))
            {
                (TrackedLink link, JsonElement user) = users.Current;
                if (GraphValues.TryId(user) is not { } id)
                {
                    yield return Nameless();
                    continue;
                }
                // The round of another filter proves nothing about the user. The user's own round, or the look-up below, does.
                if (!link.IsAbout(id))
                    continue;
                string? removal = GraphValues.Removal(user);
                if (removal == "deleted")
                    deleted.Add(id);
                if (!seen.Add(id))
                {
                    again.Add(id);
                }
                else
                {
                    yield return removal switch
                    {
                        null => run.Entry(id, user, who),
                        "deleted" => new SourceRemoval(id.ToString("D")),
                        _ => run.SoftDeleted(id),
                    };
                }
            }
        }
        // A user who came twice may have been partial or old the second time. An entitled user who was not listed is named by an assignment
        // or a group. All of them are read again.
        again.UnionWith(who.Entitlement.Users.Where(id => !seen.Contains(id)));
        await foreach (SourceItem item in run.ReadUsersAsync(again, deleted.Contains, who, cancellationToken).ConfigureAwait(false))
            yield return item;
        // A list has no soft-deleted users, and those who were entitled are to be followed. A list of every user has everyone else, and the
        // caller has to learn of a user whom the list lacks.
        IEnumerable<Guid> left = before?.Users.Where(id => !seen.Contains(id) && !again.Contains(id)) ?? [];
        await foreach (SourceItem item in run.ReadUsersAsync(left, deleted.Contains, who, cancellationToken).ConfigureAwait(false))
        {
            who.Membership.Bin.Take(item, before!.Has, run.Now);
            if (item is SourceEntry { SoftDeleted: var softDeleted } && (softDeleted || entitledOnly))
                yield return item;
        }
    }

    private static SourceFault Nameless() =>
        new(
            "Microsoft Graph",
            "An entry of the list of users has no object id that can be read, so its user is not known. "
                + "The next cycle reads the same changes again."
        );

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<RoundItem> users)
    {
        try
        {
            return await users.MoveNextAsync().ConfigureAwait(false);
        }
        catch (DeltaExpiredException e)
        {
            throw GraphFailure.Invalid("ended the list of users before its end", e);
        }
    }
}
