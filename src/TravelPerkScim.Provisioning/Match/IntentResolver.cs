using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Record;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>What became of creates whose outcome is not known.</summary>
/// <param name="Adopted">Anchor to the TravelPerk id of the user that was created.</param>
/// <param name="Void">Anchors of creates that were not carried out.</param>
/// <param name="Warning">Why it could not be found out; null when it was.</param>
internal sealed record IntentResolution(IReadOnlyDictionary<string, string> Adopted, IReadOnlyList<string> Void, string? Warning);

/// <summary>
/// Looks in the target for users that an earlier cycle may have created without learning of it: it was killed or stopped, or the answer was lost.
/// By walking through the target: the state keeps no values that could be asked for, and the person may have left the source.
/// </summary>
internal sealed class IntentResolver(ScimClient client, TargetShape shape, JobMemory memory, CycleContext context)
{
    /// <summary>A created user may stay invisible for a while; not to be found after this time is not to be there.</summary>
    private static readonly TimeSpan s_visible = TimeSpan.FromMinutes(10);

    public async Task<IntentResolution> ResolveAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, Intent> open = memory.Intents.Where(i => i.Value.Action == ProvisioningAction.Create).ToDictionary(StringComparer.Ordinal);
        var adopted = new Dictionary<string, string>(StringComparer.Ordinal);
        Dictionary<string, Intent> matched = memory.Intents
            .Where(i => i.Value is { Action: not ProvisioningAction.Create, TargetId: not null, Keys.Length: > 0 } && memory.LinkOf(i.Key) is null).ToDictionary(StringComparer.Ordinal);
        await ConfirmAsync(matched, adopted, cancellationToken).ConfigureAwait(false);
        try
        {
            if (open.Count > 0)
                await FindAsync(open, adopted, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.ErrorId is "PagingNotSupported" or "PagingIncomplete")
        {
            return new IntentResolution(adopted, [], $"Whether {open.Count - adopted.Count} users were created by a cycle that was cut off could not be found out: {e.Message}");
        }
        return new IntentResolution(adopted, [.. open.Concat(matched).Where(i => !adopted.ContainsKey(i.Key) && context.Began - i.Value.Time >= s_visible).Select(i => i.Key)], null);
    }

    private async Task FindAsync(Dictionary<string, Intent> open, Dictionary<string, string> adopted, CancellationToken cancellationToken)
    {
        var keys = new IdentityKeys(shape, memory.Salt);
        Dictionary<ulong, string>[] byKey = [.. Enumerable.Range(0, keys.Count).Select(place => Index(open, place))];
        Dictionary<string, string> owners = memory.OwnersByTarget();
        await foreach (ScimUser user in client.ListUsersAsync(null, cancellationToken).ConfigureAwait(false))
        {
            if (user.Id is not { } id)
                continue;
            byte[] seen = keys.Of(shape.Extract(user));
            string? anchor = Enumerable.Range(0, keys.Count).Select(place => byKey[place].GetValueOrDefault(IdentityKeys.At(seen, place))).FirstOrDefault(a => a is not null);
            if (anchor is null || (owners.TryGetValue(id, out string? owner) && owner != anchor))
                continue;
            // Somebody else may have the same userName by now; an externalId of their own says so.
            ulong wanted = IdentityKeys.At(open[anchor].Keys, keys.ExternalId), found = IdentityKeys.At(seen, keys.ExternalId);
            if (wanted == found || wanted == 0 || found == 0)
                adopted[anchor] = id;
        }
        foreach ((string anchor, string id) in adopted)
            memory.Adopt(anchor, id);
    }

    // A user that was there before and had no link is ours only if the write reached it: the externalId tells. Nobody is disabled for the likeness of a name.
    private async Task ConfirmAsync(Dictionary<string, Intent> matched, Dictionary<string, string> adopted, CancellationToken cancellationToken)
    {
        if (matched.Count == 0)
            return;
        var keys = new IdentityKeys(shape, memory.Salt);
        Dictionary<string, string> owners = memory.OwnersByTarget();
        foreach ((string anchor, Intent intent) in matched.Where(i => !owners.ContainsKey(i.Value.TargetId!)))
        {
            ulong wanted = IdentityKeys.At(intent.Keys, keys.ExternalId);
            if (wanted == 0 || await client.FindUserAsync(intent.TargetId!, cancellationToken).ConfigureAwait(false) is not { } user
                || IdentityKeys.At(keys.Of(shape.Extract(user)), keys.ExternalId) != wanted)
                continue;
            adopted[anchor] = intent.TargetId!;
            memory.Adopt(anchor, intent.TargetId!);
        }
    }

    private static Dictionary<ulong, string> Index(Dictionary<string, Intent> open, int place)
    {
        var index = new Dictionary<ulong, string>();
        foreach ((string anchor, Intent intent) in open)
        {
            if (IdentityKeys.At(intent.Keys, place) is not 0 and var key)
                index.TryAdd(key, anchor);
        }
        return index;
    }
}
