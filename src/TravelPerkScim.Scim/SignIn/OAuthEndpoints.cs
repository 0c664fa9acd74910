using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>TravelPerk's two OAuth addresses (RFC 6749 section 3).</summary>
public sealed record OAuthEndpoints
{
    /// <param name="authorize">Where the administrator consents, in a browser.</param>
    /// <param name="token">Where codes and refresh tokens become access tokens.</param>
    /// <exception cref="ScimException"><c>InsecureUri</c> or <c>InvalidUri</c>.</exception>
    public OAuthEndpoints(Uri authorize, Uri token)
    {
        _ = BaseUri.Check(authorize);
        _ = BaseUri.Check(token);
        Authorize = authorize;
        Token = token;
    }

    /// <summary>Of the service companies book with.</summary>
    public static OAuthEndpoints Production { get; } = At(new Uri("https://app.travelperk.com/"));

    /// <summary>Of TravelPerk's own test service.</summary>
    public static OAuthEndpoints Sandbox { get; } = At(new Uri("https://app.sandbox-travelperk.com/"));

    public Uri Authorize { get; }

    public Uri Token { get; }

    /// <summary>Those that belong to a SCIM root: TravelPerk's by its host names, old and new; for any other, the same paths at the same
    /// host.</summary>
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
