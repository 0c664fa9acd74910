using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Azure;
using Azure.Identity;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Connection;

/// <summary>Says in a sentence or two why the sign-in failed, and what to do. Codes: "Microsoft Entra authentication and authorization
/// error codes".</summary>
internal static partial class SignInFailure
{
    private const int MaxDetail = 300;

    private static readonly Dictionary<string, (string ErrorId, string Advice)> s_known = new(StringComparer.Ordinal)
    {
        ["AADSTS7000215"] = (
            "EntraSignInFailed",
            "The client secret is wrong. Give the secret's value, which is shown only when it is made, not its id."
        ),
        ["AADSTS7000222"] = (
            "EntraSignInFailed",
            "The client secret has expired. Make a new one under App registrations, Certificates & secrets."
        ),
        ["AADSTS700027"] = (
            "InvalidCertificate",
            "The application does not know this certificate. Upload its public part under App registrations, Certificates & secrets."
        ),
        ["AADSTS700016"] = (
            "EntraSignInFailed",
            "The tenant has no application with this client id. Check -ClientId and -TenantId; "
                + "in a national cloud register an application of your own."
        ),
        ["AADSTS90002"] = ("TenantNotFound", "There is no such tenant in this cloud. Check -TenantId and -Environment."),
        ["AADSTS900023"] = ("TenantNotFound", "The tenant is neither an id nor a domain name. Check -TenantId."),
        ["AADSTS65001"] = (
            "EntraPermissionMissing",
            "The application's permissions have no consent. An administrator grants them under Enterprise applications, Permissions."
        ),
        ["AADSTS65004"] = (
            "EntraPermissionMissing",
            "Consent was declined. An administrator can grant it for the whole tenant under Enterprise applications, Permissions."
        ),
        ["AADSTS90094"] = (
            "EntraPermissionMissing",
            "An administrator has to consent to the permissions first, under Enterprise applications, Permissions."
        ),
        ["AADSTS53003"] = ("EntraSignInFailed", "A conditional access policy forbids this sign-in. Ask the administrator of the policies."),
        ["AADSTS70021"] = (
            "EntraSignInFailed",
            "The application has no federated credential for this workload. "
                + "Add one under App registrations, Certificates & secrets, Federated credentials."
        ),
    };

    private static readonly Dictionary<string, SourceFailure> s_kinds = new(StringComparer.Ordinal)
    {
        ["EntraPermissionMissing"] = SourceFailure.PermissionMissing,
        ["EntraUnreachable"] = SourceFailure.NoAnswer,
    };

    /// <summary>True for an exception that Azure.Identity throws when a sign-in fails. Any other exception is a defect and keeps its own
    /// type.</summary>
    public static bool Understands(Exception e) =>
        e
            is AuthenticationFailedException
                or RequestFailedException
                or HttpRequestException
                or IOException
                or CryptographicException
                or ArgumentException;

    /// <param name="failure">An exception that <see cref="Understands"/> knows.</param>
    /// <param name="options">How the sign-in was tried.</param>
    /// <param name="redact">Takes the secret out of a text.</param>
    public static SourceException Describe(Exception failure, EntraSignInOptions options, Func<string, string> redact)
    {
        string detail = redact(OneLine(failure));
        (string errorId, string advice) = Explain(failure, options, detail);
        // The cause is not kept, because a message of Azure.Identity or its parts could hold a secret.
        return new SourceException(errorId, $"Signing in to Entra failed. {advice} ({detail})") { Failure = KindOf(errorId) };
    }

    // A request can fail because the sign-in cannot be renewed. Its caller decides as for a failure of Graph.
    private static SourceFailure KindOf(string errorId) => s_kinds.GetValueOrDefault(errorId, SourceFailure.Other);

    private static (string ErrorId, string Advice) Explain(Exception failure, EntraSignInOptions options, string detail)
    {
        if (AadCode().Match(failure.ToString()) is { Success: true } code && s_known.TryGetValue(code.Value, out (string, string) known))
            return known;
        if (failure is AuthenticationRequiredException)
        {
            return (
                "EntraSignInExpired",
                "The sign-in cannot be renewed without a person. "
                    + "Run Connect-EntraDirectory again; for unattended use sign in as an application."
            );
        }
        if (Chain(failure).Any(e => e is CryptographicException))
        {
            return (
                "InvalidCertificate",
                "The certificate's private key cannot be used. Give a certificate with an RSA key that this account may read."
            );
        }
        if (failure is CredentialUnavailableException)
            return ("EntraSignInUnavailable", Unavailable(options));
        if (Chain(failure).Any(e => e is HttpRequestException or SocketException or IOException or RequestFailedException { Status: 0 }))
            return ("EntraUnreachable", $"{options.Cloud.AuthorityHost.Host} cannot be reached. Check the network and the proxy.");
        if (failure is ArgumentException)
            return ("EntraSignInFailed", "A tenant id or client id has the wrong form. Check -TenantId and -ClientId.");
        bool hasNoBrowser =
            options.Kind == EntraSignInKind.InteractiveBrowser && detail.Contains("open a web page", StringComparison.OrdinalIgnoreCase);
        return hasNoBrowser
            ? ("EntraSignInFailed", "No browser can be opened here. Use -DeviceCode, and sign in with a browser on another device.")
            : ("EntraSignInFailed", "Entra or the account refused it.");
    }

    private static string Unavailable(EntraSignInOptions options) =>
        options.Kind switch
        {
            EntraSignInKind.ManagedIdentity when options.ClientId is not null => "There is no managed identity with this client id here. "
                + "Assign it to the Azure resource, or leave -ClientId out for the resource's own.",
            EntraSignInKind.ManagedIdentity => "There is no managed identity here. -Identity works on Azure resources that have one: "
                + "Automation, Functions, virtual machines, Arc.",
            EntraSignInKind.WorkloadIdentity => "There is no workload identity here. It needs AZURE_FEDERATED_TOKEN_FILE, "
                + "and AZURE_TENANT_ID and AZURE_CLIENT_ID or -TenantId and -ClientId.",
            _ => "This way to sign in does not work here.",
        };

    private static IEnumerable<Exception> Chain(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
            yield return failure;
    }

    // Further lines hold trace ids and the time in Entra's text, and links in Azure.Identity's.
    private static string OneLine(Exception failure)
    {
        string text =
            Chain(failure).Select(e => e.Message).FirstOrDefault(message => message.Contains("AADSTS", StringComparison.Ordinal))
            ?? failure.Message;
        int code = text.IndexOf("AADSTS", StringComparison.Ordinal);
        string line = text[Math.Max(code, 0)..].ReplaceLineEndings("\n").Split('\n', 2)[0];
        line = line.Split(" Trace ID:", 2)[0].Trim();
        return line.Length > MaxDetail ? line[..MaxDetail] + "..." : line;
    }

    [GeneratedRegex("AADSTS[0-9]{4,8}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AadCode();
}
