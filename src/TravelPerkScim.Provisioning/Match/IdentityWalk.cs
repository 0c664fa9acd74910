using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>Everybody in the target, reduced to the keys that tell users apart: finds a user whose link leads nowhere, and of whom the
/// source says nothing. Read once for all who ask. Thread-safe.</summary>
internal sealed class IdentityWalk(ScimClient client, LinkCheck check)
{
    private readonly object _gate = new();
    private Task<Dictionary<string, byte[]>?>? _reading;
    private Dictionary<string, byte[]>? _users;

    /// <summary>Reads the target unless it was; false where it cannot be read to its end, or takes more pages than allowed.</summary>
    public async Task<bool> ReadAsync(int mostPages, CancellationToken cancellationToken)
    {
        Task<Dictionary<string, byte[]>?> reading;
        lock (_gate)
        {
            bool begin = _reading is null or { IsFaulted: true } or { IsCanceled: true } or { IsCompletedSuccessfully: true, Result: null };
            reading = begin ? _reading = ReadPagesAsync(mostPages, cancellationToken) : _reading!;
        }
        _users = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _users is not null;
    }

    /// <summary>The keys of the user with an id; null when no page held it.</summary>
    public byte[]? KeysOf(string id) => _users?.GetValueOrDefault(id);

    /// <summary>Ids of users who may be the source user, and who are nobody else's: those with one of the keys, unless their externalId
    /// says that they are another's.</summary>
    public List<string> Find(byte[] known, Func<string, bool> isFree) =>
        [
            .. _users!
                .Where(user => StoredKeys.Share(known, user.Value) && !IsAnothers(known, user.Value) && isFree(user.Key))
                .Select(user => user.Key),
        ];

    /// <summary>The user shows the externalId of the source user: nothing else has to speak for it.</summary>
    public bool ShowsAnchor(byte[] known, string id) =>
        StoredKeys.At(_users![id], check.Keys.ExternalId) is not 0 and var externalId && StoredKeys.Contains(known, externalId);

    // Nobody is disabled for the likeness of a name: names are handed on, source ids are not.
    private bool IsAnothers(byte[] known, byte[] seen) =>
        StoredKeys.At(seen, check.Keys.ExternalId) is not 0 and var externalId && !StoredKeys.Contains(known, externalId);

    private async Task<Dictionary<string, byte[]>?> ReadPagesAsync(int mostPages, CancellationToken cancellationToken)
    {
        var users = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        try
        {
            bool first = true;
            await foreach (ScimPage page in client.ReadPagesAsync(null, cancellationToken).ConfigureAwait(false))
            {
                if (first && TargetMatcher.PagesNeeded(page) > mostPages)
                    return null;
                first = false;
                foreach (ScimUser user in page.Users)
                    users[user.Id!] = check.KeysOf(user);
            }
            return users;
        }
        catch (ScimException e) when (e.ErrorId is "PagingNotSupported" or "PagingIncomplete")
        {
            return null;
        }
    }
}
