using System.Runtime.CompilerServices;
using System.Text.Json;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Reading;

/// <summary>What became of one user who was asked for.</summary>
/// <param name="Identity">As asked for.</param>
/// <param name="User">The user, whole; null when there is none.</param>
/// <param name="Restorable">There is none, but a soft-deleted one.</param>
/// <param name="Groups">First page of the groups the user is in, when they were asked for.</param>
internal sealed record FoundUser(string Identity, JsonElement? User, bool Restorable, JsonElement? Groups);

/// <summary>Reads single users whole, by object id or userPrincipalName.</summary>
/// <param name="requests">Sends.</param>
/// <param name="query">Query of a user.</param>
/// <param name="groups">The navigation to the user's groups, such as memberOf; null when they are not needed.</param>
internal sealed class UserBatch(GraphRequests requests, string query, string? groups)
{
    /// <summary>Batches under way at once.</summary>
    private const int Concurrency = 4;

    private readonly GraphBatch _batch = new(requests);

    /// <summary>In the order asked for.</summary>
    public async IAsyncEnumerable<FoundUser> ReadAsync(IEnumerable<string> identities, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var underWay = new Queue<Task<List<FoundUser>>>();
        try
        {
            foreach (string[] chunk in identities.Chunk(GraphBatch.Size / (groups is null ? 1 : 2)))
            {
                underWay.Enqueue(ReadChunkAsync(chunk, stop.Token));
                if (underWay.Count < Concurrency)
                    continue;
                foreach (FoundUser found in await underWay.Dequeue().ConfigureAwait(false))
                    yield return found;
            }
            while (underWay.TryDequeue(out Task<List<FoundUser>>? next))
            {
                foreach (FoundUser found in await next.ConfigureAwait(false))
                    yield return found;
            }
        }
        finally
        {
            // After a failure, or when nobody reads on.
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(underWay)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<List<FoundUser>> ReadChunkAsync(string[] chunk, CancellationToken cancellationToken)
    {
        int width = groups is null ? 1 : 2;
        JsonElement?[] answers = await _batch.GetAsync([.. chunk.SelectMany(Requests)], cancellationToken).ConfigureAwait(false);
        string[] absent = [.. chunk.Where((identity, at) => answers[at * width] is null && Guid.TryParseExact(identity, "D", out _))];
        JsonElement?[] deleted = absent.Length == 0 ? []
            : await _batch.GetAsync([.. absent.Select(id => ($"/directory/deletedItems/{id}", GraphNeed.Users))], cancellationToken).ConfigureAwait(false);
        HashSet<string> restorable = [.. absent.Where((_, at) => deleted[at] is not null)];
        return [.. chunk.Select((identity, at) => new FoundUser(identity, answers[at * width], restorable.Contains(identity), groups is null ? null : answers[(at * width) + 1]))];
    }

    private IEnumerable<(string Url, GraphNeed Need)> Requests(string identity)
    {
        // A name that begins with $ would be read as an operation ("Get a user").
        string path = identity.StartsWith('$')
            ? $"/users('{Uri.EscapeDataString(identity.Replace("'", "''", StringComparison.Ordinal))}')"
            : $"/users/{Uri.EscapeDataString(identity)}";
        yield return ($"{path}?{query}", GraphNeed.Users);
        if (groups is not null)
            yield return ($"{path}/{groups}/microsoft.graph.group?$select=id&$top={GraphRequests.PageSize}", GraphNeed.Groups);
    }
}
