using System.Text.Json;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Reading;

/// <summary>The changes of one user in a round.</summary>
/// <param name="Present">The round listed the user.</param>
/// <param name="Removal">The round said that the user was removed: changed (restorable) or deleted.</param>
internal readonly record struct UserChange(bool Present, string? Removal)
{
    /// <summary>"Deleted" stays, because a deleted user never comes back.</summary>
    public UserChange With(string? removal) =>
        removal is null ? this with { Present = true } : this with { Removal = Removal == "deleted" ? Removal : removal };
}

/// <summary>The changes of a round.</summary>
internal sealed class UserChanges
{
    public Dictionary<Guid, UserChange> ByUser { get; } = [];

    /// <summary>Number of items without an object id that can be read.</summary>
    public int Nameless { get; set; }
}

/// <summary>Users and their changes.</summary>
internal sealed class UsersDelta(GraphRequests requests, GraphSelect select)
{
    /// <summary>Every user, as pages arrive.</summary>
    public IAsyncEnumerable<JsonElement> EveryoneAsync(DeltaLink end, CancellationToken cancellationToken)
    {
        RequestInformation first = requests.Client.Users.Delta.ToGetRequestInformation(options =>
            options.QueryParameters.Select = select.Delta
        );
        return requests.ListAsync(GraphRequests.AskForLargePages(first), GraphNeed.Users, end, cancellationToken);
    }

    /// <summary>The users who changed since the link. The caller asks for their present state, because a round may be partial, old or out
    /// of order.</summary>
    /// <exception cref="DeltaExpiredException">The link is too old.</exception>
    public async Task<UserChanges> ChangesAsync(string link, DeltaLink end, CancellationToken cancellationToken)
    {
        var changes = new UserChanges();
        await foreach (
            JsonElement item in requests.ListAsync(requests.ToLink(link), GraphNeed.Users, end, cancellationToken).ConfigureAwait(false)
        )
        {
            if (GraphValues.TryId(item) is { } id)
                changes.ByUser[id] = changes.ByUser.GetValueOrDefault(id).With(GraphValues.Removal(item));
            else
                changes.Nameless++;
        }
        return changes;
    }
}
