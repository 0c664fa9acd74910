using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Identity;
using Microsoft.Graph.Models.ODataErrors;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Entra.Http;

/// <summary>
/// Why a request failed, and the way out. For a read it shows no text of Graph or of the sign-in, because the text could hold a token, a
/// link or a person's data. For a change it shows Graph's text, unless the request holds a secret.
/// </summary>
internal static partial class GraphFailure
{
    private const int LongestText = 300;

    /// <summary>The failure that an exception means; null when it is not about Graph.</summary>
    public static SourceException? Of(Exception e, GraphNeed need) =>
        e switch
        {
            ODataError error => Of(GraphError.Of(error), need),
            ApiException error => Of(new GraphError(error.ResponseStatusCode, null, null), need),
            AuthenticationFailedException when IsNetwork(e) => Unreachable("The sign-in service cannot be reached", e),
            AuthenticationFailedException => new SourceException(
                "EntraUnauthorized",
                $"Entra refused the sign-in{SignInCode(e)}. Check the credential and sign in again with Connect-EntraDirectory.",
                e
            ),
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => Invalid(
                "is larger than any that is read",
                e
            ),
            InvalidDataException => Invalid("cannot be decompressed", e),
            TimeoutException => Unreachable("Microsoft Graph does not answer", e),
            HttpRequestException or IOException => Unreachable("Microsoft Graph cannot be reached", e),
            JsonException => Invalid("is not JSON", e),
            _ => null,
        };

    public static SourceException Of(GraphError error, GraphNeed need) =>
        error.Status switch
        {
            401 when IsForbidden(error, need) => Forbidden(need),
            401 => new(
                "EntraUnauthorized",
                "Microsoft Graph no longer accepts the access token. Sign in again with Connect-EntraDirectory, then try again."
            ),
            403 => Forbidden(need),
            404 when need.Action is not null => new(
                "EntraObjectNotFound",
                $"Microsoft Graph does not find {need.Thing}. "
                    + "It was removed, or it is so new that not every copy of the directory has it. Try again in a minute."
            )
            {
                Failure = SourceFailure.NotFound,
            },
            404 when need == GraphNeed.Applications => new(
                "EntraApplicationNotFound",
                "The enterprise application of this source is not in the tenant (any more). "
                    + "Name another one in the job's settings, or use the scope All."
            ),
            404 => new(
                "EntraObjectNotFound",
                $"Microsoft Graph does not find one of the {need.Thing} that it has just named. "
                    + "A change takes a moment to reach every copy of the directory; run the cycle again."
            )
            {
                Failure = SourceFailure.NotFound,
            },
            429 or >= 500 and not 501 or 408 => Unreachable($"Microsoft Graph keeps answering {Status(error)}"),
            409 when need.Action is { } action => new(
                "EntraConflict",
                $"Microsoft Graph refused {action}, because it contradicts what is there ({Status(error)}){TextOf(error, need)}"
            )
            {
                Failure = SourceFailure.Conflict,
            },
            _ when need.Action is { } action => new(
                "EntraRequestRefused",
                $"Microsoft Graph refused {action} ({Status(error)}){TextOf(error, need)}"
            )
            {
                Failure = SourceFailure.Refused,
            },
            400 or 501 when UnknownProperty().Match(error.Message ?? "") is { Success: true } match => UnknownAttribute(
                match.Groups[1].Value
            ),
            501 => new(
                "EntraAttributeUnreadable",
                "Microsoft Graph cannot list one of the attributes that the mapping or scope reads. "
                    + "Leave it out; Test-ScimMapping lists what they read."
            ),
            400 => Invalid($"is {Status(error)} to a request for {need.Thing}", failure: SourceFailure.Refused),
            _ => Invalid($"is {Status(error)} to a request for {need.Thing}"),
        };

    public static SourceException Invalid(string what, Exception? inner = null, SourceFailure failure = SourceFailure.NoAnswer) =>
        new(
            "EntraResponseInvalid",
            $"The answer of Microsoft Graph {what}. Try again; if it stays so, check the Graph endpoint and what stands between (a proxy).",
            inner
        )
        {
            Failure = failure,
        };

    public static SourceException ForeignLink() =>
        new(
            "EntraLinkForeign",
            "A link of Microsoft Graph leads to another host than the endpoint's, and was not followed, so that the "
                + "access token goes nowhere else. Check the Graph endpoint and what stands between (a proxy), then try again."
        );

    /// <param name="name">A name from the mapping or scope.</param>
    public static SourceException UnknownAttribute(string name) =>
        new(
            "EntraAttributeUnknown",
            $"Users in Microsoft Graph have no attribute '{name}'. Correct the name in the mapping or scope; "
                + $"a directory extension is written extension_<application id>_<name>."
        );

    private static SourceException Unreachable(string what, Exception? inner = null) =>
        new("EntraUnreachable", $"{what}. Check the network, then try again; a cycle begins where the last complete one ended.", inner)
        {
            Failure = SourceFailure.NoAnswer,
        };

    private static string Status(GraphError error) =>
        error.Code is { } code && CodeForm().IsMatch(code)
            ? string.Create(CultureInfo.InvariantCulture, $"{error.Status} {code}")
            : error.Status.ToString(CultureInfo.InvariantCulture);

    // A sign-in that may not read or change a provisioning job is answered 401 "unknown error".
    private static bool IsForbidden(GraphError error, GraphNeed need) =>
        need.Action is not null && error.Code is { } code && !code.Equals("InvalidAuthenticationToken", StringComparison.OrdinalIgnoreCase);

    private static SourceException Forbidden(GraphNeed need) =>
        new(
            "EntraPermissionMissing",
            $"The permission {need.Permission.Least} is missing, which {need.Permission.What} needs. "
                + "Grant it to the application in the Entra admin center (API permissions, with admin consent), then sign in again."
        )
        {
            Failure = SourceFailure.PermissionMissing,
        };

    private static string TextOf(GraphError error, GraphNeed need)
    {
        if (need.IsSecret || error.Message is not { Length: > 0 } message)
            return ".";
        string text = ShownText.Of(message.ReplaceLineEndings(" ").Trim().TrimEnd('.'));
        string shown = text.Length > LongestText ? text[..LongestText] + "..." : text;
        return $": {shown}.";
    }

    private static bool IsNetwork(Exception? e) =>
        e is not null && (e is HttpRequestException or SocketException || IsNetwork(e.InnerException));

    private static string SignInCode(Exception e) => SignInError().Match(e.Message) is { Success: true } match ? $" ({match.Value})" : "";

    [GeneratedRegex("AADSTS[0-9]{4,10}", RegexOptions.CultureInvariant)]
    private static partial Regex SignInError();

    [GeneratedRegex("property named '([A-Za-z0-9_]{1,128})'", RegexOptions.CultureInvariant)]
    private static partial Regex UnknownProperty();

    [GeneratedRegex("^[A-Za-z0-9_.]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex CodeForm();
}
