namespace TravelPerkScim.Provisioning.Model;

/// <summary>The kind of a <see cref="SourceException"/>: what callers decide by. Several ErrorIds can be of one kind.</summary>
public enum SourceFailure
{
    /// <summary>No caller decides by it.</summary>
    Other,

    /// <summary>The object does not exist (404).</summary>
    NotFound,

    /// <summary>A permission is missing (403).</summary>
    PermissionMissing,

    /// <summary>The change contradicts what is there (409).</summary>
    Conflict,

    /// <summary>The service refused the change for another reason.</summary>
    Refused,

    /// <summary>There was no usable answer. The service may have carried out the request.</summary>
    NoAnswer,
}
