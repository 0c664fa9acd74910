using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Client;

/// <summary>One request as the transport needs it.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path and query below the base URI, escaped.</param>
/// <param name="Body">Body, or null.</param>
/// <param name="Idempotent">To send the request twice has the effect of sending it once.</param>
/// <param name="TracePath">Path for traces and messages, without filter values; null when <paramref name="Path"/> has none.</param>
internal sealed record ScimRequest(
    HttpMethod Method,
    string Path,
    JsonObject? Body = null,
    bool Idempotent = true,
    string? TracePath = null
)
{
    public bool IsWrite => Method != HttpMethod.Get;

    public string Shown => "/" + (TracePath ?? Path);

    /// <summary>The path of a resource. Its id is one path segment: "..", which URIs resolve, would address another resource.</summary>
    public static string PathTo(string list, string id, string errorId, string problem) =>
        string.IsNullOrWhiteSpace(id) || id is "." or ".."
            ? throw new ScimException(ScimFailure.InvalidInput, errorId, problem)
            : $"{list}/{Uri.EscapeDataString(id)}";

    /// <summary>Subject of an error message: <c>GET /Users/29</c>.</summary>
    public override string ToString() => $"{Method} {Shown}";
}
