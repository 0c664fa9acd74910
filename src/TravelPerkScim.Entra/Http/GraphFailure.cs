using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Identity;
using Microsoft.Graph.Models.ODataErrors;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Http;

/// <summary>Why a read is impossible, and the way out. Says nothing that Graph or the sign-in wrote: it could be a token, a link or somebody's data.</summary>
internal static partial class GraphFailure
{
    /// <summary>Id of the failure that stands for a 404 to a user, group or a page of their lists.</summary>
    public const string ObjectNotFound = "EntraObjectNotFound";

    /// <summary>The failure that an exception stands for, or null when it is not about Graph.</summary>
    public static SourceException? Of(Exception e, GraphNeed need) => e switch
    {
        ODataError error => Of(GraphError.Of(error), need),
        ApiException error => Of(new GraphError(error.ResponseStatusCode, null, null), need),
        AuthenticationFailedException when IsNetwork(e) => Unreachable("The sign-in service cannot be reached", e),
        AuthenticationFailedException => new SourceException("EntraUnauthorized", $"Entra refused the sign-in{SignInCode(e)}. Check the credential and sign in again with Connect-EntraDirectory.", e),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            Invalid("is larger than any that is read", e),
        InvalidDataException => Invalid("cannot be decompressed", e),
        TimeoutException => Unreachable("Microsoft Graph does not answer", e),
        HttpRequestException or IOException => Unreachable("Microsoft Graph cannot be reached", e),
        JsonException => Invalid("is not JSON", e),
        _ => null,
    };

    public static SourceException Of(GraphError error, GraphNeed need) => error.Status switch
    {
        401 => new("EntraUnauthorized", "Microsoft Graph no longer accepts the access token. Sign in again with Connect-EntraDirectory, then run the cycle again."),
        403 => new("EntraPermissionMissing", $"The permission {Permission(need)} is missing, which {Purpose(need)} needs. Grant it to the application in the Entra admin center (API permissions, with admin consent), then sign in again."),
        404 when need == GraphNeed.Applications => new("EntraApplicationNotFound", "The enterprise application of this source is not in the tenant (any more). Name another one in the job's settings, or use the scope All."),
        404 => new(ObjectNotFound,
            $"Microsoft Graph does not find one of the {Thing(need)} that it has just named. A change takes a moment to reach every copy of the directory; run the cycle again."),
        400 or 501 when UnknownProperty().Match(error.Message ?? "") is { Success: true } match => UnknownAttribute(match.Groups[1].Value),
        501 => new("EntraAttributeUnreadable", "Microsoft Graph cannot list one of the attributes that the mapping or scope reads. Leave it out; Test-ScimMapping lists what they read."),
        429 or >= 500 or 408 => Unreachable($"Microsoft Graph keeps answering {Status(error)}"),
        _ => Invalid($"is {Status(error)} to a request for {Thing(need)}"),
    };

    public static SourceException Invalid(string what, Exception? inner = null) =>
        new("EntraResponseInvalid", $"The answer of Microsoft Graph {what}. Run the cycle again; if it stays so, check the Graph endpoint and what stands between (a proxy).", inner);

    public static SourceException ForeignLink() =>
        new("EntraLinkForeign", "A link of Microsoft Graph leads to another host than the endpoint's, and was not followed, so that the access token goes nowhere else. Check the Graph endpoint and what stands between (a proxy), then run the cycle again.");

    /// <param name="name">A name from the mapping or scope.</param>
    public static SourceException UnknownAttribute(string name) =>
        new("EntraAttributeUnknown", $"Users in Microsoft Graph have no attribute '{name}'. Correct the name in the mapping or scope; a directory extension is written extension_<application id>_<name>.");

    private static SourceException Unreachable(string what, Exception? inner = null) =>
        new("EntraUnreachable", $"{what}. Check the network, then run the cycle again; it begins where the last complete one ended.", inner);

    private static string Status(GraphError error) => error.Code is { } code && CodeForm().IsMatch(code)
        ? string.Create(CultureInfo.InvariantCulture, $"{error.Status} {code}")
        : error.Status.ToString(CultureInfo.InvariantCulture);

    private static string Permission(GraphNeed need) => need switch
    {
        GraphNeed.Groups => "GroupMember.Read.All (or Group.Read.All)",
        GraphNeed.Applications => "Application.Read.All",
        _ => "User.Read.All",
    };

    private static string Purpose(GraphNeed need) => need switch
    {
        GraphNeed.Groups => "reading groups and their members",
        GraphNeed.Applications => "reading who is assigned to the enterprise application",
        _ => "reading users and their managers",
    };

    private static string Thing(GraphNeed need) => need switch
    {
        GraphNeed.Groups => "groups",
        GraphNeed.Applications => "the enterprise application",
        _ => "users",
    };

    private static bool IsNetwork(Exception? e) => e is not null && (e is HttpRequestException or SocketException || IsNetwork(e.InnerException));

    private static string SignInCode(Exception e) => SignInError().Match(e.Message) is { Success: true } match ? $" ({match.Value})" : "";

    [GeneratedRegex("AADSTS[0-9]{4,10}", RegexOptions.CultureInvariant)]
    private static partial Regex SignInError();

    [GeneratedRegex("property named '([A-Za-z0-9_]{1,128})'", RegexOptions.CultureInvariant)]
    private static partial Regex UnknownProperty();

    [GeneratedRegex("^[A-Za-z0-9_.]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex CodeForm();
}
