using System.Net;

namespace TravelPerkScim.Scim.Client;

/// <summary>Checks a base URI, because a credential travels there.</summary>
internal static class BaseUri
{
    /// <summary>The URI with a slash at its end, so that relative paths are added and do not replace.</summary>
    /// <exception cref="ScimException"><c>InvalidUri</c> or <c>InsecureUri</c>.</exception>
    public static Uri Check(Uri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (!uri.IsAbsoluteUri || uri.Scheme is not ("https" or "http"))
        {
            throw new ScimException(
                ScimFailure.WrongAddress,
                "InvalidUri",
                "The base URI must be an absolute https:// address, such as https://app.travelperk.com/api/v2/scim."
            );
        }
        if (uri.UserInfo.Length > 0)
        {
            throw new ScimException(
                ScimFailure.WrongAddress,
                "InvalidUri",
                $"The base URI of {uri.Host} must not carry a user name or password; give the credential apart from it."
            );
        }
        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new ScimException(
                ScimFailure.WrongAddress,
                "InvalidUri",
                $"The base URI of {uri.Host} must end with its path, without ? or #."
            );
        }
        if (uri.Scheme == "http" && !IsLoopback(uri))
        {
            throw new ScimException(
                ScimFailure.WrongAddress,
                "InsecureUri",
                $"http:// would send the credential to {uri.Host} in the clear. "
                    + "Use https://; http:// is for this machine only (localhost, 127.0.0.1, ::1)."
            );
        }
        return uri.AbsolutePath.EndsWith('/') ? uri : new Uri(uri.AbsoluteUri + "/");
    }

    /// <summary>Stricter than <see cref="Uri.IsLoopback"/>, which also counts other names.</summary>
    public static bool IsLoopback(Uri uri) =>
        uri.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(uri.DnsSafeHost, out IPAddress? address) && IPAddress.IsLoopback(address));
}
