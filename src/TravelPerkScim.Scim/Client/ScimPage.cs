using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Scim.Client;

/// <summary>One page of a list (RFC 7644 3.4.2). The numbers are the server's. <paramref name="Users"/> leaves out users that an earlier
/// page already gave.</summary>
public sealed record ScimPage(int TotalResults, int StartIndex, int ItemsPerPage, IReadOnlyList<ScimUser> Users);
