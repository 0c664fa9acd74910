using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>TravelPerk's two OAuth addresses (RFC 6749 section 3).</summary>
public sealed record OAuthEndpoints
{
    /// <param name="authorize">The page on which the administrator consents, in a browser.</param>
    /// <param name="token">The endpoint that gives access tokens for codes and refresh tokens.</param>
    /// <exception cref="ScimException"><c>InsecureUri</c> or <c>InvalidUri</c>.</exception>
    public OAuthEndpoints(Uri authorize, Uri token)
    {
        _ = BaseUri.Check(authorize);
        _ = BaseUri.Check(token);
        Authorize = authorize;
        Token = token;
    }

    /// <summary>The addresses of the service that companies book with.</summary>
    public static OAuthEndpoints Production { get; } = At(new Uri("https://app.travelperk.com/"));

    /// <summary>The addresses of TravelPerk's own test service.</summary>
    public static OAuthEndpoints Sandbox { get; } = At(new Uri("https://app.sandbox-travelperk.com/"));

    public Uri Authorize { get; }

    public Uri Token { get; }

    /// <summary>The addresses that belong to a SCIM root. TravelPerk's are known by its host names, old and new. Any other host has the
    /// same paths.</summary>
    /// <exception cref="ScimException"><c>InsecureUri</c> or <c>InvalidUri</c>.</exception>
    public static OAuthEndpoints For(Uri scimBaseUri) =>
        BaseUri.Check(scimBaseUri).IdnHost switch
        {
            "app.perk.com" or "app.travelperk.com" => Production,
            "app.sandbox-perk.com" or "app.sandbox-travelperk.com" => Sandbox,
            _ => At(scimBaseUri),
        };

    private static OAuthEndpoints At(Uri host) => new(new Uri(host, "/oauth2/authorize/"), new Uri(host, "/accounts/oauth2/token/"));
}
