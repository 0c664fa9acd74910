using System.Collections.Immutable;
using System.Net;

namespace TravelPerkScim.Sandbox.Protocol;

/// <summary>One answer, over the socket or without it.</summary>
internal sealed record SandboxResponse(HttpStatusCode Status)
{
    public const string ScimMediaType = "application/scim+json";

    private static readonly byte[] s_spaces = CreateSpaces();

    public string? ContentType { get; init; }
    public ReadOnlyMemory<byte> Body { get; init; }
    public ImmutableArray<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>White space in front of the body, in bytes: still valid JSON, of any size, without holding it.</summary>
    public long Padding { get; init; }

    /// <summary>How long the answer is held back.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The connection is cut instead of answering.</summary>
    public bool Aborted { get; init; }

    /// <summary>True for a 404 because no user or group has the id; false for a 404 of a behaviour.</summary>
    public bool UnknownId { get; init; }

    /// <summary>The body is a resource or a list of resources.</summary>
    public bool HoldsResources => ContentType == ScimMediaType && (int)Status < 300;

    public long Length => Padding + Body.Length;

    public static SandboxResponse Json(HttpStatusCode status, ReadOnlyMemory<byte> body) =>
        new(status) { ContentType = ScimMediaType, Body = body };

    public string? Header(string name) =>
        Headers.FirstOrDefault(header => string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase)).Value;

    public SandboxResponse With(string name, string value) => this with { Headers = Headers.Add((name, value)) };

    public SandboxResponse Without(string name) =>
        this with
        {
            Headers = Headers.RemoveAll(header => string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase)),
        };

    public async Task WriteBodyAsync(Stream stream, CancellationToken cancellationToken)
    {
        for (long left = Padding; left > 0; left -= s_spaces.Length)
            await stream.WriteAsync(s_spaces.AsMemory(0, (int)Math.Min(left, s_spaces.Length)), cancellationToken).ConfigureAwait(false);
        if (Body.Length > 0)
            await stream.WriteAsync(Body, cancellationToken).ConfigureAwait(false);
    }

    private static byte[] CreateSpaces()
    {
        byte[] spaces = new byte[64 * 1024];
        Array.Fill(spaces, (byte)' ');
        return spaces;
    }
}
