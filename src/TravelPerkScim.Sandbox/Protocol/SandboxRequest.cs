namespace TravelPerkScim.Sandbox.Protocol;

/// <summary>One request, over the socket or without it.</summary>
internal sealed class SandboxRequest
{
    private readonly List<KeyValuePair<string, string>> _query;

    /// <param name="method">HTTP method.</param>
    /// <param name="target">Path and query as sent.</param>
    /// <param name="header">Reads a request header; null when absent.</param>
    /// <param name="body">The body; empty when there is none.</param>
    public SandboxRequest(string method, string target, Func<string, string?> header, ReadOnlyMemory<byte> body)
    {
        IsHead = method == "HEAD";
        Method = IsHead ? "GET" : method;
        int mark = target.IndexOf('?', StringComparison.Ordinal);
        Path = mark < 0 ? target : target[..mark];
        QueryText = mark < 0 ? "" : target[(mark + 1)..];
        _query = ReadPairs(QueryText);
        Authorization = header("Authorization");
        ApiVersion = header("Api-Version");
        MediaType = header("Content-Type")?.Split(';')[0].Trim();
        Body = body;
    }

    private SandboxRequest(SandboxRequest search, string path, string query)
    {
        Method = "GET";
        Path = path;
        QueryText = query;
        _query = ReadPairs(query);
        Authorization = search.Authorization;
        ApiVersion = search.ApiVersion;
        MediaType = search.MediaType;
    }

    /// <summary>A body above this is answered with 413.</summary>
    public const int MaxBodyBytes = 1024 * 1024;

    /// <summary>The HTTP method. A HEAD counts as GET, whose answer it gets without the body (RFC 9110 section 9.3.2).</summary>
    public string Method { get; }

    /// <summary>The answer goes without its body.</summary>
    public bool IsHead { get; }

    /// <summary>A query in a body (RFC 7644 section 3.4.3).</summary>
    public bool IsSearch => Method == "POST" && Path.EndsWith("/.search", StringComparison.Ordinal);

    public string Path { get; }

    /// <summary>The query as sent.</summary>
    public string QueryText { get; }

    public string? Authorization { get; }
    public string? ApiVersion { get; }
    public string? MediaType { get; }
    public ReadOnlyMemory<byte> Body { get; }
    public bool IsForGroups =>
        Path.TrimEnd('/').EndsWith("/Groups", StringComparison.Ordinal) || Path.Contains("/Groups/", StringComparison.Ordinal);

    /// <summary>A GET of the service's configuration, schemas or resource types (RFC 7644 section 4).</summary>
    public bool IsDiscovery =>
        Method == "GET"
        && Path.Split("/scim/", 2) is [_, var rest]
        && rest.Split('/')[0] is "ServiceProviderConfig" or "ResourceTypes" or "Schemas";

    public bool IsWrite => !IsSearch && Method is "POST" or "PUT" or "PATCH" or "DELETE";

    /// <summary>The path with the query's names. The values are left out, because they can be a person's address.</summary>
    public string LoggedPath => _query.Count == 0 ? Path : $"{Path}?{string.Join('&', _query.Select(pair => pair.Key + "="))}";

    /// <summary>The GET that asks the same.</summary>
    public SandboxRequest AsGet(string path, string query) => new(this, path, query);

    /// <summary>A query value by name, without case; null when absent.</summary>
    public string? Query(string name) =>
        _query.FirstOrDefault(pair => string.Equals(pair.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The pairs of a query or of a form.</summary>
    public static List<KeyValuePair<string, string>> ReadPairs(string query)
    {
        List<KeyValuePair<string, string>> pairs = [];
        foreach (string part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            pairs.Add(equals < 0 ? new(Decode(part), "") : new(Decode(part[..equals]), Decode(part[(equals + 1)..])));
        }
        return pairs;
    }

    /// <summary>Decodes as web frameworks do: "+" is a space, so an address with a "+" arrives only when the client escapes it.</summary>
    public static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
