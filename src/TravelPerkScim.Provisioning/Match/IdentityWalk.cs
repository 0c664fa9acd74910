using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>The identity keys of all users in the target. They find a user whose link leads nowhere and of whom the source says nothing.
/// The target is read once for all callers. Thread-safe.</summary>
internal sealed class IdentityWalk(ScimClient client, LinkCheck check)
{
    private readonly object _gate = new();
    private Task<Dictionary<string, byte[]>?>? _reading;
    private Dictionary<string, byte[]>? _users;

    /// <summary>Reads the target unless it was read before; false where the list cannot be read to its end, or takes more pages than
    /// allowed.</summary>
    public async Task<bool> ReadAsync(int mostPages, CancellationToken cancellationToken)
    {
        Task<Dictionary<string, byte[]>?> reading;
        lock (_gate)
        {
            if (!IsUsable(_reading))
                _reading = ReadPagesAsync(mostPages, cancellationToken);
            reading = _reading!;
        }
        _users = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _users is not null;
    }

    /// <summary>The target is being read, or was read to its end.</summary>
    private static bool IsUsable(Task<Dictionary<string, byte[]>?>? reading) =>
        reading is { IsFaulted: false, IsCanceled: false } and not { IsCompletedSuccessfully: true, Result: null };

    /// <summary>The keys of the user with an id; null when no page held the user.</summary>
    public byte[]? KeysOf(string id) => _users?.GetValueOrDefault(id);

    /// <summary>Ids of free users who may be the source user: users with one of the keys, except those whose externalId names another
    /// account.</summary>
    public List<string> Find(byte[] known, Func<string, bool> isFree) =>
        [
            .. _users!
                .Where(user => StoredKeys.Share(known, user.Value) && IsNamed(known, user.Value) != false && isFree(user.Key))
                .Select(user => user.Key),
        ];

    /// <summary>The user shows the externalId of the source user, which proves by itself that the user belongs to it.</summary>
    public bool ShowsAnchor(byte[] known, string id) => IsNamed(known, _users![id]) == true;

    /// <summary>The externalId of the user names the source user; null where the user has no externalId. An equal name alone disables no
    /// user, because names are handed on. Source ids are not.</summary>
    private bool? IsNamed(byte[] known, byte[] seen) =>
        StoredKeys.At(seen, check.Keys.ExternalId) is not 0 and var externalId ? StoredKeys.Contains(known, externalId) : null;

    private async Task<Dictionary<string, byte[]>?> ReadPagesAsync(int mostPages, CancellationToken cancellationToken)
    {
        var users = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        bool isWhole = await TargetPages
            .ReadAsync(
                client,
                page => TargetPages.Needed(page) > mostPages,
                user => users[user.Id!] = check.KeysOf(user),
                cancellationToken
            )
            .ConfigureAwait(false);
        return isWhole ? users : null;
    }
}
