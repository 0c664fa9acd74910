using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>A signed-in connection to one Entra tenant. It shows the account and its permissions, never a token.</summary>
public sealed class EntraDirectoryConnection : IDisposable
{
    // The Entra room is loaded when the first connection is made: cmdlets may mention this type, but not the types of its fields.
    private readonly EntraSignIn _signIn;
    private readonly string? _givenTenant;

    internal EntraDirectoryConnection(
        EntraEnvironment environment,
        Uri graphEndpoint,
        string authentication,
        string? givenTenant,
        Uri authorityHost,
        EntraSignIn signIn
    )
    {
        _signIn = signIn;
        _givenTenant = givenTenant;
        Environment = environment;
        GraphEndpoint = graphEndpoint;
        Authentication = authentication;
        Directory = new EntraDirectory(
            new EntraDirectoryOptions
            {
                GraphEndpoint = graphEndpoint,
                Credential = signIn.Credential,
                TenantId = signIn.TenantId,
                AuthorityHost = authorityHost,
            }
        );
    }

    /// <summary>The tenant's id; null when neither -TenantId nor the access token names it.</summary>
    public string? TenantId => _signIn.TenantId;

    /// <summary>The signed-in account: a person's userPrincipalName or an application's name; null when the access token does not name
    /// it.</summary>
    public string? Account => _signIn.Account;

    /// <summary>The application that signed in, or through which a person signed in.</summary>
    public string? ClientId => _signIn.ClientId;

    /// <summary>The kind of sign-in: <c>InteractiveBrowser</c>, <c>DeviceCode</c>, <c>ClientSecret</c>, <c>Certificate</c>,
    /// <c>ManagedIdentity</c>, <c>WorkloadIdentity</c> or <c>AccessToken</c>.</summary>
    public string Authentication { get; }

    /// <summary>Which of Microsoft's clouds.</summary>
    public EntraEnvironment Environment { get; }

    /// <summary>Root of Microsoft Graph with its version.</summary>
    public Uri GraphEndpoint { get; }

    /// <summary>Names of the Graph permissions that were granted; null when the access token does not name them.</summary>
    public IReadOnlyList<string>? Permissions => _signIn.Permissions;

    /// <summary>Requests sent over this connection, retries included. A batch is one request.</summary>
    public long RequestCount => Directory.RequestCount;

    internal EntraDirectory Directory { get; }

    /// <summary>Whether this is a connection to that tenant, by id or by the name given at the sign-in.</summary>
    internal bool IsTo(string tenant) =>
        string.Equals(tenant, TenantId, StringComparison.OrdinalIgnoreCase)
        || string.Equals(tenant, _givenTenant, StringComparison.OrdinalIgnoreCase);

    /// <summary>Forgets token and secret; the connection cannot be used any more.</summary>
    public void Dispose()
    {
        Directory.Dispose();
        _signIn.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{TenantId ?? GraphEndpoint.Host} ({Authentication})";
}
