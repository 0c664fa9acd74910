namespace TravelPerkScim.Scim;

/// <summary>The kind of a <see cref="ScimException"/>: what callers decide by. Several ErrorIds can be of one kind.</summary>
public enum ScimFailure
{
    /// <summary>An id, a path or a filter is not valid. No request was sent.</summary>
    InvalidInput,

    /// <summary>No value can be written at the path. No request was sent.</summary>
    PathNotWritable,

    /// <summary>The address may not get a credential, is not trusted, or is no SCIM service.</summary>
    WrongAddress,

    /// <summary>There was no connection. The service has seen no request.</summary>
    Unreachable,

    /// <summary>There is no credential that the service accepts for this request.</summary>
    Credential,

    /// <summary>The place on this machine that keeps secrets cannot be used.</summary>
    SecretStore,

    /// <summary>The service refused the request because too many came (429).</summary>
    RateLimited,

    /// <summary>The service says that it is not available for now (503), or the token endpoint does not answer.</summary>
    Unavailable,

    /// <summary>The service failed (408, 500 and above, without 501 and 503).</summary>
    ServerError,

    /// <summary>The connection was lost before the answer came.</summary>
    ConnectionLost,

    /// <summary>The answer did not come in time.</summary>
    TimedOut,

    /// <summary>The answer stopped before its end.</summary>
    Truncated,

    /// <summary>The answer is not what SCIM says, or is larger than the client reads.</summary>
    Unreadable,

    /// <summary>The service redirects to another address. Redirects are not followed.</summary>
    Redirected,

    /// <summary>The service refused the request as not valid (400, 413, 415, 422).</summary>
    Refused,

    /// <summary>The resource or the endpoint does not exist (404, 410).</summary>
    NotFound,

    /// <summary>The service does not have the operation (405, 501).</summary>
    NotSupported,

    /// <summary>The resource conflicts with another one (409).</summary>
    Conflict,

    /// <summary>A list was read, and is not known to be complete.</summary>
    IncompleteList,
}
