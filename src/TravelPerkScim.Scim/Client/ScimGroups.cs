using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Client;

/// <summary><c>/Groups</c> of a service that has it. Shares the client's connection and rate; fails as <see cref="ScimClient"/>
/// does.</summary>
public sealed class ScimGroups
{
    private readonly ScimTransport _transport;
    private readonly DialectSender _sender;
    private readonly ListPager<ScimGroup> _pager;

    internal ScimGroups(ScimTransport transport, DialectSender sender, int pageSize)
    {
        _transport = transport;
        _sender = sender;
        _pager = new ListPager<ScimGroup>(
            transport,
            pageSize,
            "Groups",
            (response, resource) => response.Group(resource),
            group => group.Id!,
            [new(UserPaths.Id, group => group.Id)]
        );
    }

    /// <summary>The groups that a filter finds. A walk that may have missed groups throws, as for users.</summary>
    /// <param name="filter">Null for every group.</param>
    /// <param name="withMembers">False asks the service to leave the members out (RFC 7644 3.9); not every service does.</param>
    /// <param name="cancellationToken">Stops the walk.</param>
    /// <exception cref="ScimException"><c>PagingNotSupported</c>, <c>PagingIncomplete</c>.</exception>
    public async IAsyncEnumerable<ScimGroup> ListAsync(
        ScimFilter? filter,
        bool withMembers,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (
            ListPage<ScimGroup>? page in _pager
                .ReadAsync(filter, withMembers ? null : "excludedAttributes=members", cancellationToken)
                .ConfigureAwait(false)
        )
        {
            foreach (ScimGroup group in page.Resources)
                yield return group;
        }
    }

    /// <summary>Null when the server answers 404.</summary>
    /// <param name="id">The service's id of the group.</param>
    /// <param name="withMembers">False asks the service to leave the members out.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <exception cref="ScimException"><c>InvalidResponse</c>: the answer is another group than the one asked for.</exception>
    public async Task<ScimGroup?> FindAsync(string id, bool withMembers, CancellationToken cancellationToken)
    {
        string path = withMembers ? PathOf(id) : $"{PathOf(id)}?excludedAttributes=members";
        ScimResponse? response = await _transport
            .TrySendAsync(new ScimRequest(HttpMethod.Get, path), cancellationToken)
            .ConfigureAwait(false);
        return response?.Group(id);
    }

    /// <summary>Never repeated once it may have reached the server: then <see cref="ScimException.OutcomeUnknown"/> is set and the group
    /// must be looked up.</summary>
    public async Task<ScimGroup> CreateAsync(JsonObject body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        ScimResponse response = await _transport
            .SendAsync(new ScimRequest(HttpMethod.Post, "Groups", body, Idempotent: false), cancellationToken)
            .ConfigureAwait(false);
        return response.Group(response.Object());
    }

    /// <summary>Changes a group. To add a member twice changes nothing, so a caller may repeat a change whose answer was lost. A body of
    /// the answer is not used, because it may be the whole group.</summary>
    public async Task PatchAsync(string id, IReadOnlyList<PatchOperation> operations, CancellationToken cancellationToken) =>
        await _sender.PatchAsync(_transport, PathOf(id), operations, DialectTraits.None, cancellationToken).ConfigureAwait(false);

    /// <summary>False when the group was already gone (404).</summary>
    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken) =>
        await _transport.TrySendAsync(new ScimRequest(HttpMethod.Delete, PathOf(id)), cancellationToken).ConfigureAwait(false) is not null;

    private static string PathOf(string id) =>
        ScimRequest.PathTo(
            "Groups",
            id,
            "InvalidGroupId",
            "A group id must not be empty, '.' or '..'; give the id that the service returned."
        );
}
