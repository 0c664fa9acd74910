using System.Net;

namespace TravelPerkScim.Scim;

/// <summary>
/// Base of every failure that the client reports. <see cref="Kind"/> is for code that decides, <see cref="ErrorId"/> for scripts. The ids
/// are stable: Unauthorized, Forbidden, NotFound, Conflict, InvalidRequest, NotSupported, TooManyRequests, ServerError, ServiceUnavailable,
/// Redirected, Unreachable, ConnectionLost, TlsFailure, TimedOut, NotScimService, InvalidResponse, ResponseTruncated, ResponseTooLarge,
/// PagingNotSupported, PagingIncomplete, InsecureUri, InvalidUri, InvalidCredential, InvalidUserId, InvalidGroupId, InvalidPath,
/// InvalidFilter, PathNotWritable, OAuthDenied, OAuthRefused, OAuthTimedOut, OAuthPortInUse, OAuthCodeRefused, OAuthClientRefused,
/// OAuthRefreshRefused, TokenNotFound, TokenStoreUnavailable.
/// </summary>
public class ScimException : Exception
{
    private bool _outcomeUnknown;

    public ScimException(ScimFailure kind, string errorId, string message, Exception? inner = null)
        : base(ShownText.Of(message), inner) => (Kind, ErrorId) = (kind, errorId);

    /// <summary>What kind of failure it is.</summary>
    public ScimFailure Kind { get; }

    /// <summary>Stable PascalCase id.</summary>
    public string ErrorId { get; }

    /// <summary>Status the service answered with; null when it did not answer.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The SCIM detail error keyword (RFC 7644 table 9), such as <c>uniqueness</c>; null when the service gave none.</summary>
    public string? ScimType { get; init; }

    /// <summary>What the service said, shortened, in one line and without secrets.</summary>
    public string? Detail { get; init; }

    /// <summary>How long the service asked callers to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>An answer came, and nothing can be read from it: a fault of the answer, and not of the connection.</summary>
    public bool IsUnreadable => Kind is ScimFailure.Unreadable or ScimFailure.Truncated;

    /// <summary>True when the request may have been carried out although no usable answer was read.</summary>
    public bool OutcomeUnknown
    {
        get => _outcomeUnknown;
        init => _outcomeUnknown = value;
    }

    /// <summary>An earlier attempt may have been carried out, and this failure does not tell.</summary>
    internal void DoubtOutcome() => _outcomeUnknown = true;
}
