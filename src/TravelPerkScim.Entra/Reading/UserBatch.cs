using System.Runtime.CompilerServices;
using System.Text.Json;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Reading;

/// <summary>The result for one user who was asked for.</summary>
/// <param name="Identity">The id or name that was asked for.</param>
/// <param name="State">Whether the user came.</param>
/// <param name="User">The user, whole, when found.</param>
/// <param name="Groups">First page of the groups the user is in, when the user was found and the groups were asked for.</param>
internal readonly record struct FoundUser(string Identity, FoundState State, JsonElement User = default, JsonElement? Groups = null);

/// <summary>Whether the directory has a user who was asked for.</summary>
internal enum FoundState
{
    /// <summary>The user came.</summary>
    Found,

    /// <summary>The user is among the deleted ones, and can be restored.</summary>
    SoftDeleted,

    /// <summary>Neither a user nor a deleted one was found. The directory is replicated, so this alone proves nothing.</summary>
    NotFound,

    /// <summary>The answer is about another user, or cannot be read.</summary>
    Unreadable,
}

/// <summary>Reads single users whole, by object id or userPrincipalName.</summary>
/// <param name="requests">Sends.</param>
/// <param name="query">Query of a user.</param>
/// <param name="groups">The navigation to the user's groups, such as memberOf; null when they are not needed.</param>
internal sealed class UserBatch(GraphRequests requests, string query, string? groups)
{
    /// <summary>Batches under way at once.</summary>
    private const int Concurrency = 4;

    private readonly GraphBatch _batch = new(requests);
    private readonly int _requestsPerUser = groups is null ? 1 : 2;

    /// <summary>The results, in the order of the identities.</summary>
    public async IAsyncEnumerable<FoundUser> ReadAsync(
        IEnumerable<string> identities,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var underWay = new Queue<Task<List<FoundUser>>>();
        try
        {
            foreach (string[] chunk in identities.Chunk(GraphBatch.Size / _requestsPerUser))
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
            // After a failure, or when the caller stops reading.
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(underWay)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<List<FoundUser>> ReadChunkAsync(string[] chunk, CancellationToken cancellationToken)
    {
        BatchAnswer[] answers = await _batch.GetAsync([.. chunk.SelectMany(Requests)], cancellationToken).ConfigureAwait(false);
        List<FoundUser> found =
        [
            .. chunk.Select(
                (identity, at) =>
                    FoundOf(identity, answers[at * _requestsPerUser], groups is null ? null : answers[(at * _requestsPerUser) + 1])
            ),
        ];
        int[] absent = [.. Enumerable.Range(0, chunk.Length).Where(at => found[at].State == FoundState.NotFound && IsId(chunk[at]))];
        if (absent.Length == 0)
            return found;
        BatchAnswer[] deleted = await _batch
            .GetAsync([.. absent.Select(at => ($"/directory/deletedItems/{chunk[at]}", GraphNeed.Users))], cancellationToken)
            .ConfigureAwait(false);
        foreach ((int at, BatchAnswer answer) in absent.Zip(deleted))
            found[at] = new FoundUser(chunk[at], DeletedState(chunk[at], answer));
        return found;
    }

    private static FoundUser FoundOf(string identity, BatchAnswer user, BatchAnswer? groups)
    {
        if (user.State == BatchState.NotFound)
            return new FoundUser(identity, FoundState.NotFound);
        // A user whose groups are not found is not a user without groups.
        if (user.Found is not { } own || !IsAskedFor(identity, own) || groups is { State: not BatchState.Found })
            return new FoundUser(identity, FoundState.Unreadable);
        return new FoundUser(identity, FoundState.Found, own, groups?.Found);
    }

    private static FoundState DeletedState(string identity, BatchAnswer answer) =>
        answer.State switch
        {
            BatchState.Found when IsAskedFor(identity, answer.Body) => FoundState.SoftDeleted,
            BatchState.NotFound => FoundState.NotFound,
            _ => FoundState.Unreadable,
        };

    // A cache or a proxy in between may give the answer to another request.
    private static bool IsAskedFor(string identity, JsonElement user)
    {
        if (GraphValues.TryId(user) is not { } id)
            return false;
        return Guid.TryParseExact(identity, "D", out Guid asked)
            ? id == asked
            : identity.Equals(JsonText.Of(user, "userPrincipalName"), StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsId(string identity) => Guid.TryParseExact(identity, "D", out _);

    private IEnumerable<(string Url, GraphNeed Need)> Requests(string identity)
    {
        string path = GraphRequests.UserPath(identity);
        yield return ($"{path}?{query}", GraphNeed.Users);
        if (groups is not null)
            yield return ($"{path}/{groups}/microsoft.graph.group?$select=id&$top={GraphRequests.PageSize}", GraphNeed.Groups);
    }
}
