namespace TravelPerkScim.GraphStandIn;

/// <summary>
/// A replica that is behind: what is added, changed or restored is told by delta queries at once, while look-ups by id and lists do not
/// know it for some requests;
/// and lists show what was removed for some requests more. Graph calls this eventual consistency.
/// </summary>
/// <param name="Random">Decides which edits are late, and by how much.</param>
/// <param name="Share">Share (0 to 1) of edits that are late.</param>
/// <param name="Requests">The longest delay, in requests that are answered, those of a batch counted one by one.</param>
public sealed record StandInLag(Random Random, double Share, int Requests);
