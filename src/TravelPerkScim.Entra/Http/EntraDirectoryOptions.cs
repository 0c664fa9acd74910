using Azure.Core;
using TravelPerkScim.Entra.Connection;

namespace TravelPerkScim.Entra.Http;

/// <summary>Where a directory is, and how to sign in to it.</summary>
public sealed record EntraDirectoryOptions
{
    /// <summary>Root of Microsoft Graph with its version, such as <c>https://graph.microsoft.com/v1.0</c>; http only on loopback.</summary>
    public required Uri GraphEndpoint { get; init; }

    /// <summary>Gives the access tokens; asked before each request, and keeps its own cache.</summary>
    public required TokenCredential Credential { get; init; }

    /// <summary>Where the cloud signs in, and shows the metadata of single sign-on; http only on loopback. Default: the global
    /// cloud's.</summary>
    public Uri AuthorityHost { get; init; } = EntraCloud.Global.AuthorityHost;

    /// <summary>Scopes of the token. Default: <c>/.default</c> of the endpoint's host, which means the permissions granted to the
    /// application.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>The tenant, as a GUID or domain name; what a log calls the directory. Default: the endpoint's host.</summary>
    public string? TenantId { get; init; }

    /// <summary>The clock of every wait. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Sends the requests in place of a socket handler of the directory's own; not disposed of with it. Default: none.</summary>
    public HttpMessageHandler? Handler { get; init; }

    internal FilterRule Filters { get; init; } = new();

    internal GraphBounds Bounds { get; init; } = new();
}
