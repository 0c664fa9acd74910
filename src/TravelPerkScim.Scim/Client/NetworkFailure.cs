using System.Security.Authentication;

namespace TravelPerkScim.Scim.Client;

/// <summary>Turns a request without an answer into the exception that says what to do about it.</summary>
internal static class NetworkFailure
{
    /// <summary>With Unreachable and TlsFailure the request never left. With any other failure it may have been carried out.</summary>
    public static ScimException Describe(ScimRequest request, Uri baseUri, Exception failure)
    {
        string host = baseUri.Authority;
        (ScimFailure kind, string? errorId, string? problem) = failure switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => (
                ScimFailure.Unreachable,
                "Unreachable",
                $"the name {baseUri.Host} could not be resolved; check the base URI and the network"
            ),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => (
                ScimFailure.Unreachable,
                "Unreachable",
                $"no connection to {host}; check the base URI, the network and any proxy"
            ),
            HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => (
                ScimFailure.Unreachable,
                "Unreachable",
                $"the proxy gave no connection to {host}; check the proxy settings"
            ),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => (
                ScimFailure.WrongAddress,
                "TlsFailure",
                $"no secure connection to {host}; {Reason(failure)}. "
                    + "The certificate must be valid and trusted by this machine; the check cannot be turned off"
            ),
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => (
                ScimFailure.Unreadable,
                "ResponseTooLarge",
                $"{host} answered with headers that are too large"
            ),
            HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse }
            or HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse } => (
                ScimFailure.Unreadable,
                "InvalidResponse",
                $"{host} answered with something that is not HTTP; check the base URI"
            ),
            // The handler's connect timeout, neither ours nor the caller's.
            OperationCanceledException { InnerException: TimeoutException } => (
                ScimFailure.Unreachable,
                "Unreachable",
                $"no connection to {host} in time; check the base URI, the network and any proxy"
            ),
            _ => (ScimFailure.ConnectionLost, "ConnectionLost", $"the connection to {host} was lost before the answer was there"),
        };
        return new ScimException(kind, errorId, $"{request}: {problem}.", failure)
        {
            OutcomeUnknown = request.IsWrite && kind is not (ScimFailure.Unreachable or ScimFailure.WrongAddress),
        };
    }

    private static string Reason(Exception failure) =>
        (failure.InnerException as AuthenticationException)?.Message.TrimEnd('.') ?? "the other side does not speak TLS";
}
