using System.Text.Json;
using Microsoft.Graph.Models.ODataErrors;

namespace TravelPerkScim.Entra.Http;

/// <summary>Graph's error answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Graph's code, such as <c>Request_ResourceNotFound</c>.</param>
/// <param name="Message">Graph's text. It may hold values.</param>
internal readonly record struct GraphError(int Status, string? Code, string? Message)
{
    private static readonly HashSet<string> s_expired = new(StringComparer.OrdinalIgnoreCase)
    {
        "syncStateNotFound",
        "resyncRequired",
        "syncStateInvalid",
    };

    /// <summary>Whether a delta token is too old (Graph: "Use delta query", synchronization reset).</summary>
    public bool IsExpiredToken => Status == 410 || (Status is >= 400 and < 500 && s_expired.Contains(Code ?? ""));

    public static GraphError Of(ODataError error) => new(error.ResponseStatusCode, error.Error?.Code, error.Error?.Message);

    /// <param name="status">The status of one answer of a batch.</param>
    /// <param name="body">Its body, an error or nothing.</param>
    public static GraphError Of(int status, JsonElement body)
    {
        JsonElement error = JsonText.Property(body, "error");
        return new GraphError(status, JsonText.Of(error, "code"), JsonText.Of(error, "message"));
    }
}

/// <summary>A delta token is too old. The list is then read in full again.</summary>
internal sealed class DeltaExpiredException : Exception;

/// <summary>Graph refuses the filter of a delta query, or does not obey the filter. Every object is then listed.</summary>
internal sealed class FilterRefusedException : Exception;
