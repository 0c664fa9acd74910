using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TravelPerkScim.GraphStandIn;

/// <summary>A request, or one of a batch.</summary>
/// <param name="Method">GET, POST.</param>
/// <param name="Segments">Path after the version, unescaped.</param>
/// <param name="Query">Names and values, unescaped.</param>
/// <param name="Headers">Without regard to case.</param>
/// <param name="Body">Empty for GET.</param>
/// <param name="InBatch">Whether it came in a $batch.</param>
public sealed record GraphRequest(
    string Method,
    string[] Segments,
    IReadOnlyDictionary<string, string> Query,
    IReadOnlyDictionary<string, string> Headers,
    byte[] Body,
    bool InBatch
)
{
    /// <summary>Whether it went to Graph's beta version.</summary>
    public bool IsBeta { get; init; }

    /// <summary>The path without its query.</summary>
    public string Path => string.Join('/', Segments);

    /// <summary>Value of a query option such as <c>$select</c>, or null.</summary>
    public string? Option(string name) => Query.GetValueOrDefault(name);

    /// <summary>Properties selected, or null when the client did not say.</summary>
    public string[]? Select => Option("$select")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    internal int PageSize(GraphBehavior behavior)
    {
        const string Preference = "odata.maxpagesize=";
        string? preferred = Headers
            .GetValueOrDefault("Prefer")
            ?.Split(',', StringSplitOptions.TrimEntries)
            .FirstOrDefault(one => one.StartsWith(Preference, StringComparison.Ordinal));
        string? wanted = Option("$top") ?? preferred?[Preference.Length..];
        return Math.Min(
            int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : behavior.PageSize,
            behavior.PageCap
        );
    }

    internal static GraphRequest Parse(
        string method,
        string pathAndQuery,
        IReadOnlyDictionary<string, string> headers,
        byte[] body,
        bool inBatch
    )
    {
        string[] parts = pathAndQuery.Split('?', 2);
        string[] segments = [.. parts[0].Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        var query = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string pair in parts.Length > 1 ? parts[1].Split('&', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            string[] option = pair.Split('=', 2);
            query[Uri.UnescapeDataString(option[0])] = Uri.UnescapeDataString(option.Length > 1 ? option[1].Replace('+', ' ') : "");
        }
        return new GraphRequest(method, segments, query, headers, body, inBatch);
    }
}

/// <summary>An answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">JSON, or empty.</param>
public sealed record GraphResponse(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>Headers beside Content-Type.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Of the body. Default: JSON.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>The connection is cut after half of the body.</summary>
    public bool Cut { get; init; }

    /// <summary>The body is sent again and again, in chunks, until the client goes away.</summary>
    public bool Endless { get; init; }

    /// <summary>An answer from JSON text.</summary>
    public static GraphResponse Of(int status, string json) => new(status, Encoding.UTF8.GetBytes(json));

    /// <summary>204.</summary>
    internal static GraphResponse Nothing => new(204, ReadOnlyMemory<byte>.Empty);

    /// <summary>Graph's error body.</summary>
    public static GraphResponse Error(int status, string code, string message) =>
        Of(
            status,
            JsonSerializer.Serialize(
                new
                {
                    error = new
                    {
                        code,
                        message,
                        innerError = new { date = "2026-01-01T00:00:00", requestId = "00000000-0000-0000-0000-000000000000" },
                    },
                },
                s_json
            )
        );

    internal static GraphResponse NotFound(string id) =>
        Error(
            404,
            "Request_ResourceNotFound",
            $"Resource '{id}' does not exist or one of its queried reference-property objects are not present."
        );

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);
}
