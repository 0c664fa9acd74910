using System.Security;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>How to sign in with OAuth.</summary>
public sealed record OAuthOptions
{
    public required OAuthEndpoints Endpoints { get; init; }

    /// <summary>Id of the app that TravelPerk registered.</summary>
    public required string ClientId { get; init; }

    /// <summary>The app's secret. The caller keeps its own; a copy is made where it is kept.</summary>
    public required SecureString ClientSecret { get; init; }

    /// <summary>The scopes to ask for. Default <c>scim:read</c>, <c>scim:write</c>, <c>scim:delete</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["scim:read", "scim:write", "scim:delete"];

    /// <summary>Port of the redirect address <c>http://127.0.0.1:port/callback</c>. Default 0: a free port.</summary>
    public int RedirectPort { get; init; }

    /// <summary>How long the administrator has to consent. Default 5 minutes.</summary>
    public TimeSpan ConsentTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Keeps refresh tokens for later sessions. Default null: nothing outlives the credential.</summary>
    public ITokenStore? Store { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Called after each request to the token endpoint; never with a secret.</summary>
    public Action<ScimRequestTrace>? Trace { get; init; }

    /// <summary>Replaces the network handler, for tests in virtual time. Not disposed of.</summary>
    public HttpMessageHandler? Handler { get; init; }
}
