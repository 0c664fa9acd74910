namespace TravelPerkScim.Sandbox.Settings;

/// <summary>
/// Ways in which real SCIM servers hurt their clients, one switch each. "Number" is the second argument of
/// <see cref="TravelPerkSandbox.SetBehavior"/>; where none is mentioned it has no meaning.
/// </summary>
public enum SandboxBehavior
{
    /// <summary>A list with a filter finds nothing, whatever exists; POST still answers 409.</summary>
    FilterMisses,

    /// <summary>A <c>userName</c> filter finds only the exact case.</summary>
    FilterCaseSensitive,

    /// <summary>A filter is ignored: a list with a filter shows every user.</summary>
    FilterIgnored,

    /// <summary>In a filter, <c>eq</c> finds every value that contains the one asked for.</summary>
    FilterContains,

    /// <summary>GET of a user by id answers another user, as a cache that mixes answers up.</summary>
    GetAnswersAnotherUser,

    /// <summary>PUT, PATCH and DELETE of a user or group that exists are answered with 404, and nothing is carried out.</summary>
    WritesAnswerNotFound,

    /// <summary>PUT, PATCH and DELETE of an id that does not exist are answered with 500.</summary>
    UnknownIdFails,

    /// <summary>PUT, PATCH and DELETE of an id that does not exist are answered with 410.</summary>
    UnknownIdGone,

    /// <summary>Deactivated users are in no list and found by no filter; their userName still conflicts.</summary>
    InactiveHidden,

    /// <summary>A created user is invisible to GET for a while. Number: seconds, default 2.</summary>
    CreatedInvisible,

    /// <summary>409 comes without <c>scimType</c>.</summary>
    ConflictWithoutScimType,

    /// <summary>409 comes as <c>application/problem+json</c> (RFC 9457).</summary>
    ConflictAsProblemJson,

    /// <summary>POST answers 409 also when the externalId is taken.</summary>
    ExternalIdUnique,

    /// <summary>A page holds fewer users than asked for, below the announced maximum. Number: users, default 10.</summary>
    PageCapBelowRequested,

    /// <summary><c>totalResults</c> is the number of users on the page.</summary>
    TotalResultsEqualsPageSize,

    /// <summary><c>startIndex</c> is ignored: every page is the first.</summary>
    StartIndexIgnored,

    /// <summary>A page past the end is the first page again.</summary>
    PastEndRepeatsFirstPage,

    /// <summary>Every list is its first page, whatever <c>startIndex</c> says, and <c>totalResults</c> is the number of users on
    /// it.</summary>
    FirstPageOnly,

    /// <summary>A page without users has null in the place of <c>Resources</c>.</summary>
    EmptyPageWithoutResources,

    /// <summary>503 for a page that is not the first. Number: how often, default once.</summary>
    PageWalkUnavailable,

    /// <summary>PATCH answers 204 without a body.</summary>
    PatchNoContent,

    /// <summary>A PATCH operation without path that sets more than one attribute is refused.</summary>
    PathlessPatchRejected,

    /// <summary>A PATCH operation with a path is refused, unless the path has a filter.</summary>
    PatchPathRejected,

    /// <summary>PATCH at a filtered path that selects nothing is refused with noTarget.</summary>
    FilteredPathNoTarget,

    /// <summary>
    /// Writes of some attributes of users are accepted but not kept: PATCH and PUT leave the old value, POST drops the new one unless it is
    /// required. The answer shows what was kept.
    /// Which attributes: <see cref="SandboxOptions.NotKept"/> and <see cref="TravelPerkSandbox.SetNotKept"/>.
    /// </summary>
    ValuesNotKept,

    /// <summary>PATCH of the manager with a path and an object as its value leaves no manager. The bare id, a path to its <c>value</c>, and
    /// an operation without path are kept.</summary>
    ManagerObjectsNotKept,

    /// <summary>PATCH at a path with a sub-attribute and no filter (<c>name.givenName</c>) changes nothing. The same value in an operation
    /// without path is kept.</summary>
    PathValuesNotKept,

    /// <summary>PATCH without path changes nothing inside complex attributes and extensions. The same value in an operation with a path is
    /// kept.</summary>
    PathlessValuesNotKept,

    /// <summary>A replace at a filtered path that selects nothing makes the element, as Entra relies on. Without it, it is refused with
    /// noTarget (RFC 7644 section 3.5.2.3); TravelPerk documents neither.</summary>
    FilteredReplaceCreates,

    /// <summary>"True" and "False" as strings are refused.</summary>
    StringBooleansRejected,

    /// <summary>JSON true and false are refused; "True" and "False" as strings are wanted.</summary>
    JsonBooleansRejected,

    /// <summary>Answers show <c>userName</c> in lower case.</summary>
    UserNameLowercased,

    /// <summary>Answers show phone numbers without spaces and punctuation.</summary>
    PhoneNumbersNormalized,

    /// <summary>Answers show dates with a time of day.</summary>
    DatesNormalized,

    /// <summary>Answers show text without blanks at its ends, with one blank in the place of many, and in Unicode's composed
    /// form.</summary>
    TextNormalized,

    /// <summary>DELETE of a user who is gone answers 204.</summary>
    DeleteRepeatsNoContent,

    /// <summary>GET shows groups without their members.</summary>
    GroupMembersHidden,

    /// <summary>A request that names more members of a group is refused with 413. Number: members, default 100.</summary>
    GroupMembersLimited,

    /// <summary><c>Content-Type: application/json</c> is refused with 415.</summary>
    JsonMediaTypeRejected,

    /// <summary><c>Content-Type: application/scim+json</c> is refused with 415.</summary>
    ScimMediaTypeRejected,

    /// <summary>429 with <c>Retry-After: 1</c>. Number: how often, default 3.</summary>
    TooManyRequests,

    /// <summary>429 with <c>Retry-After: 1</c> by count, however slowly requests come. Number: n, for each n-th request, default
    /// 10.</summary>
    TooManyRequestsByCount,

    /// <summary>429 with <c>Retry-After: 1</c> by chance, from the seed of the options. Number: percent of the requests, default
    /// 10.</summary>
    TooManyRequestsByChance,

    /// <summary>429 above a rate, for 1 second. A request that comes before that is over doubles it, up to 64 seconds. Number: requests a
    /// second, default 10.</summary>
    TooManyRequestsDoubling,

    /// <summary><c>Retry-After</c> of 429 and 503 is an HTTP date.</summary>
    RetryAfterDate,

    /// <summary>429 and 503 come without <c>Retry-After</c>.</summary>
    RetryAfterMissing,

    /// <summary>The write is carried out, then the connection is cut. Number: how many writes, default 1.</summary>
    AnswerLostAfterWrite,

    /// <summary>Discovery is answered with 401 without a credential. Without it, it needs none (RFC 7643 section 5); TravelPerk documents
    /// neither.</summary>
    DiscoveryNeedsCredential,

    /// <summary>Credentials stop working (401). Number: requests served before that, default 100.</summary>
    TokenExpires,

    /// <summary>200 with an HTML page, as from a proxy's sign-in.</summary>
    HtmlInsteadOfJson,

    /// <summary>Answers show a text with a character of two UTF-16 units (an emoji) cut after the first unit.</summary>
    TextCutInSurrogatePair,

    /// <summary>Answers show a text with a character of more than one UTF-8 byte (an umlaut) cut before the character's last
    /// byte.</summary>
    TextCutInUtf8Sequence,

    /// <summary>The body is cut in half, with a <c>Content-Length</c> that fits the half.</summary>
    TruncatedJson,

    /// <summary>The body is padded with white space. Number: megabytes, default 50.</summary>
    EnormousBody,

    /// <summary>The answer is held back before its first byte. Number: seconds, default 30.</summary>
    SlowHeaders,
}
