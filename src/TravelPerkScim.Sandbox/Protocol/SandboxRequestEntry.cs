using System.Net;

namespace TravelPerkScim.Sandbox.Protocol;

/// <summary>One answered request of the sandbox's log. Holds no header, body or query value.</summary>
/// <param name="Time">When it was answered.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">The path, with the names of the query's parameters only.</param>
/// <param name="Status">Status of the answer; also what would have been answered when <paramref name="Aborted"/>.</param>
/// <param name="Aborted">The connection was cut instead of answering.</param>
public sealed record SandboxRequestEntry(DateTimeOffset Time, string Method, string Path, HttpStatusCode Status, bool Aborted);

/// <summary>How often one method got one status.</summary>
public sealed record SandboxRequestCount(string Method, HttpStatusCode Status, long Count);
