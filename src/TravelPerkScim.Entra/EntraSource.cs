using System.Runtime.CompilerServices;
using System.Text.Json;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Mapping;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra;

/// <summary>Microsoft Entra ID, read through Microsoft Graph: delta queries of users and groups, and the enterprise application's assignments.</summary>
/// <remarks>
/// A full read is the first round of the users' delta, so that its watermark covers it. An incremental read takes three requests when nothing changed;
/// the delta says who changed, and who did is read whole. A watermark that is too old, or of other settings or attributes, makes a full read.
/// </remarks>
public sealed class EntraSource : IDirectorySource
{
    private readonly EntraDirectory _directory;
    private readonly EntraSourceSettings _settings;

    /// <exception cref="ArgumentException">Who is assigned counts, but no application is named.</exception>
    public EntraSource(EntraDirectory directory, EntraSourceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(settings);
        if (settings is { Scope: EntitlementScope.Assigned, ApplicationId: not { Length: > 0 } })
            throw new ArgumentException("The scope Assigned needs the object id of the enterprise application's service principal.", nameof(settings));
        (_directory, _settings) = (directory, settings);
    }

    public string DisplayName => _directory.DisplayName;

    public async IAsyncEnumerable<SourceItem> ReadAsync(SourceLayout layout, string? watermark, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var run = new SourceRun(_directory, _settings, layout);
        EntraWatermark? mark = EntraWatermark.Parse(watermark, run.Fingerprint);
        Membership membership = mark?.Membership ?? new Membership();
        Entitlement? before = mark is null ? null : run.Resolve(membership);
        // Before the users: whoever they name is in the directory by then.
        await run.UpdateAsync(membership, cancellationToken).ConfigureAwait(false);
        Entitlement entitlement = run.Resolve(membership);
        var end = new DeltaLink();
        Dictionary<Guid, UserChange>? changes = mark is null ? null : await ChangesAsync(run, mark.UsersLink, end, cancellationToken).ConfigureAwait(false);

        foreach (SourceGroup group in run.Groups(membership))
            yield return group;
        long total = 0;
        IAsyncEnumerable<SourceItem> items = changes is null
            ? EveryoneAsync(run, entitlement, membership, end, cancellationToken)
            : ChangedAsync(run, changes, entitlement.DifferingFrom(before!), entitlement, membership, cancellationToken);
        await foreach (SourceItem item in items.ConfigureAwait(false))
        {
            total++;
            yield return item;
        }
        yield return new SourceEnd(changes is null, new EntraWatermark(end.Value!, run.Fingerprint, membership).ToString(), total, ConfirmAbsence: true, Groups: _settings.ReadGroups);
    }

    public IAsyncEnumerable<SourceItem> FindAsync(SourceLayout layout, IReadOnlyList<string> identities, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(identities);
        return new UserSearch(new SourceRun(_directory, _settings, layout), _settings.IncludeNestedGroups).FindAsync(identities, cancellationToken);
    }

    /// <returns>Null when the link is too old.</returns>
    private static async Task<Dictionary<Guid, UserChange>?> ChangesAsync(SourceRun run, string link, DeltaLink end, CancellationToken cancellationToken)
    {
        try
        {
            return await run.Users.ChangesAsync(link, end, cancellationToken).ConfigureAwait(false);
        }
        catch (DeltaExpiredException)
        {
            return null;
        }
    }

    private static async IAsyncEnumerable<SourceItem> ChangedAsync(
        SourceRun run, Dictionary<Guid, UserChange> changes, IEnumerable<Guid> moved, Entitlement entitlement, Membership membership, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach ((Guid id, UserChange change) in changes.Where(pair => !pair.Value.Present))
            yield return change.Removal == "deleted" ? new SourceRemoval(id.ToString("D")) : run.SoftDeleted(id);
        IEnumerable<Guid> read = changes.Where(pair => pair.Value.Present).Select(pair => pair.Key).Concat(moved.Where(id => !changes.ContainsKey(id)));
        await foreach (SourceItem item in run.ReadUsersAsync(read, id => changes.GetValueOrDefault(id).Removal == "deleted", entitlement, membership, cancellationToken).ConfigureAwait(false))
            yield return item;
    }

    private static async IAsyncEnumerable<SourceItem> EveryoneAsync(
        SourceRun run, Entitlement entitlement, Membership membership, DeltaLink end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<Guid>();
        var again = new HashSet<Guid>();
        var deleted = new HashSet<Guid>();
        IAsyncEnumerator<JsonElement> users = run.Users.EveryoneAsync(end, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (users.ConfigureAwait(false))
        {
            while (await NextAsync(users).ConfigureAwait(false))
            {
                Guid id = GraphValues.Id(users.Current);
                string? removal = GraphValues.Removal(users.Current);
                if (removal == "deleted")
                    deleted.Add(id);
                if (!seen.Add(id))
                    again.Add(id);
                else
                    yield return removal is null ? run.Entry(id, users.Current, entitlement.RolesOf(id), membership) : removal == "deleted" ? new SourceRemoval(id.ToString("D")) : run.SoftDeleted(id);
            }
        }
        // Who came twice may have been partial or old the second time.
        await foreach (SourceItem item in run.ReadUsersAsync(again, deleted.Contains, entitlement, membership, cancellationToken).ConfigureAwait(false))
            yield return item;
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<JsonElement> users)
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
