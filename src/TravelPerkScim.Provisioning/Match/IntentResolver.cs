using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>
/// Looks in the target for users that an earlier cycle may have created without learning of it, because the cycle was killed or stopped, or
/// because an answer was lost. The resolver reads the whole target, and queries the externalId. The state keeps no other value to query,
/// and the account may have left the source.
/// </summary>
internal sealed class IntentResolver(ScimClient client, BoundMapping bound, StateSnapshot snapshot, LinkCheck check, CycleContext context)
{
    /// <summary>A created user may stay invisible for a while. A user who is not found after this time was not created.</summary>
    private static readonly TimeSpan s_visible = TimeSpan.FromMinutes(10);

    /// <summary>The time for a job without a linked user that could show whether this is the job's own TravelPerk.</summary>
    private static readonly TimeSpan s_unvouched = TimeSpan.FromDays(1);

    private readonly IdentityKeys _keys = new(bound, snapshot.Salt);

    // Anchor to the intent of a create whose outcome is not known.
    private readonly Dictionary<string, Intent> _open = snapshot
        .Intents.Where(intent => intent.Value.Action == ProvisioningAction.Create)
        .ToDictionary(StringComparer.Ordinal);

    // Anchor to the id of the user that was created.
    private readonly Dictionary<string, string> _adopted = new(StringComparer.Ordinal);
    private Dictionary<string, string> _owners = [];
    private bool _linkedUserSeen;

    public async Task<IntentResolution> ResolveAsync(CancellationToken cancellationToken)
    {
        if (_open.Count == 0)
            return new IntentResolution(_adopted, [], new HashSet<string>(), null);
        _owners = snapshot.OwnersByTarget();
        string? unwalkable = null;
        try
        {
            await FindAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.Kind == ScimFailure.IncompleteList)
        {
            unwalkable = e.Message;
        }
        await AskAsync(cancellationToken).ConfigureAwait(false);
        foreach ((string anchor, string id) in _adopted)
            snapshot.Adopt(anchor, id);
        HashSet<string> unknown = [.. _open.Keys.Except(_adopted.Keys)];
        if (unwalkable is not null)
        {
            string warning = $"{unknown.Count} creates of an interrupted cycle could not be verified: {unwalkable}";
            return new IntentResolution(_adopted, [], unknown, unknown.Count == 0 ? null : warning);
        }
        // Another company's TravelPerk has none of the users either. Only a TravelPerk with a user of this job proves that a create was not
        // carried out.
        bool isVouched = _linkedUserSeen || _adopted.Count > 0;
        bool mayBeAnothers = !isVouched && _owners.Count > 0;
        TimeSpan patience = isVouched || mayBeAnothers ? s_visible : s_unvouched;
        List<string> lost = [.. unknown.Where(anchor => context.Began - _open[anchor].Time >= patience)];
        if (lost.Count > 0 && mayBeAnothers)
        {
            return new IntentResolution(
                _adopted,
                [],
                unknown,
                $"{lost.Count} creates of an interrupted cycle could not be verified: "
                    + "TravelPerk shows no user of this job, so it may be another company's TravelPerk. The next cycle checks again."
            );
        }

        unknown.ExceptWith(lost);
        return new IntentResolution(_adopted, lost, unknown, null);
    }

    private async Task FindAsync(CancellationToken cancellationToken)
    {
        Dictionary<(int Place, ulong Key), string> byKey = Index();
        await foreach (ScimUser user in client.ListUsersAsync(null, cancellationToken).ConfigureAwait(false))
        {
            byte[] seen = _keys.Of(bound.Extract(user));
            _linkedUserSeen |= IsLinked(user, seen);
            for (int place = 0; place < _keys.Count; place++)
            {
                if (byKey.TryGetValue((place, StoredKeys.At(seen, place)), out string? anchor))
                    Take(user, seen, anchor);
            }
        }
    }

    private bool IsLinked(ScimUser user, byte[] seen) =>
        _owners.TryGetValue(user.Id!, out string? holder) && StoredKeys.Share(check.KnownOf(holder), seen);

    // The list may be unreadable, or leave users out. The source id is the one value that can be queried.
    private async Task AskAsync(CancellationToken cancellationToken)
    {
        List<string> missing = [.. _open.Keys.Except(_adopted.Keys).Where(anchor => ExternalIdOf(_open[anchor].Keys) != 0)];
        foreach (string anchor in missing)
        {
            if (client.Dialect.ExternalIdFilter == false || client.Dialect.ExactFilter == false)
                return;
            try
            {
                await foreach (
                    ScimUser user in client.ListUsersAsync(ScimFilter.Equal("externalId", anchor), cancellationToken).ConfigureAwait(false)
                )
                {
                    Take(user, _keys.Of(bound.Extract(user)), anchor);
                }
            }
            catch (ScimException e) when (e.Kind is ScimFailure.Refused or ScimFailure.NotSupported)
            {
                TargetQuery.LearnWithoutExternalId(client);
            }
            catch (ScimException e) when (e.Kind == ScimFailure.IncompleteList)
            {
                // The service lists all users whatever is asked for, or too many.
                return;
            }
        }
    }

    // Another person may have had the same userName before, or have it by now. The externalId tells, where one is mapped. An equal name
    // alone disables no user.
    private void Take(ScimUser user, byte[] seen, string anchor)
    {
        bool isAnothers = _owners.GetValueOrDefault(user.Id!, anchor) != anchor;
        ulong wanted = ExternalIdOf(_open[anchor].Keys);
        bool isOf = wanted == 0 || wanted == ExternalIdOf(seen);
        if (isOf && !isAnothers)
            _adopted[anchor] = user.Id!;
    }

    /// <summary>The key of externalId; 0 where none is mapped, or where the user has none.</summary>
    private ulong ExternalIdOf(byte[] keys) => StoredKeys.At(keys, _keys.ExternalId);

    private Dictionary<(int Place, ulong Key), string> Index()
    {
        var index = new Dictionary<(int Place, ulong Key), string>();
        foreach ((string anchor, Intent intent) in _open)
        {
            for (int place = 0; place < _keys.Count; place++)
            {
                if (StoredKeys.At(intent.Keys, place) is not 0 and var key)
                    index.TryAdd((place, key), anchor);
            }
        }
        return index;
    }
}
