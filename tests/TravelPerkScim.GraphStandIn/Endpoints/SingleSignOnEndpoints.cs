using System.Globalization;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace TravelPerkScim.GraphStandIn.Endpoints;

/// <summary>Signing certificates, claims and federation metadata of a service principal.</summary>
internal sealed class SingleSignOnEndpoints(StandInDirectory directory, GraphBehavior behavior)
{
    public GraphResponse? Answer(GraphRequest request, string root) =>
        (request.Method, request.Segments) switch
        {
            ("POST", ["servicePrincipals", var id, "addTokenSigningCertificate"]) => AddCertificate(id, request),
            ("GET", ["servicePrincipals", var id, "claimsMappingPolicies"]) => Find(id) is { } found
                ? GalleryEndpoints.Json(
                    200,
                    new JsonObject
                    {
                        ["value"] = new JsonArray([
                            .. found.MappingPolicies.Select(
                                (name, n) => new JsonObject { ["id"] = $"8782712b-4368-4bc2-84d9-d47cd014662{n}", ["displayName"] = name }
                            ),
                        ]),
                    }
                )
                : GraphResponse.NotFound(id),
            ("GET", ["servicePrincipals", var id, "claimsPolicy"]) when request.IsBeta => Find(id)?.Claims.Seen(directory.Answered)
                is { Count: > 0 } claims
                ? GalleryEndpoints.Json(200, claims.DeepClone())
                : GraphResponse.NotFound(id),
            ("PUT" or "PATCH", ["servicePrincipals", var id, "claimsPolicy"]) when request.IsBeta => ChangeClaims(id, request),
            _ => null,
        };

    /// <summary><c>/{tenant}/federationmetadata/2007-06/federationmetadata.xml?appid={appId}</c>.</summary>
    public GraphResponse? Metadata(GraphRequest request)
    {
        if (
            request is not { Method: "GET", Segments: [var tenant, "federationmetadata", "2007-06", "federationmetadata.xml"] }
            || directory.Applications.Find(one => one.AppId == request.Option("appid")) is not { IsGone: false } application
        )
        {
            return null;
        }
        JsonObject principal = application.Principal.Now!;
        string? active = (string?)principal["preferredTokenSigningKeyThumbprint"];
        IEnumerable<string> keys = principal["keyCredentials"]!
            .AsArray()
            .Where(key =>
                (string?)key!["usage"] == "Verify"
                && (active is null || Convert.ToHexString(Convert.FromBase64String((string)key["customKeyIdentifier"]!)) == active)
            )
            .Select(key => (string)key!["key"]!);
        string host = request.Headers["Host"];
        string xml = $"""
            <?xml version="1.0" encoding="utf-8"?>
            <EntityDescriptor ID="_1" entityID="https://sts.windows.net/{SecurityElement.Escape(
                tenant
            )}/" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">
              <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
                {string.Concat(
                keys.Select(key =>
                    $"<KeyDescriptor use=\"signing\"><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>{key}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
                )
            )}
                <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="http://{host}/{SecurityElement.Escape(
                tenant
            )}/saml2" />
              </IDPSSODescriptor>
            </EntityDescriptor>
            """;
        return new GraphResponse(200, Encoding.UTF8.GetBytes(xml)) { ContentType = "application/xml" };
    }

    private GraphResponse AddCertificate(string id, GraphRequest request)
    {
        if (Find(id) is not { } application)
            return GraphResponse.NotFound(id);
        JsonObject? body = GalleryEndpoints.Body(request);
        if ((string?)body?["displayName"] is not { } name || !name.StartsWith("CN=", StringComparison.Ordinal))
            return GraphResponse.Error(400, "Request_BadRequest", "Display name must begin with CN=.");
        DateTimeOffset now = behavior.Now();
        DateTimeOffset end = (string?)body["endDateTime"] is { } given
            ? DateTimeOffset.Parse(given, CultureInfo.InvariantCulture)
            : now.AddYears(3);
        JsonObject made = StandInCertificate.Add(application, directory, name, now, end);
        return GalleryEndpoints.Json(200, made);
    }

    private GraphResponse ChangeClaims(string id, GraphRequest request)
    {
        if (Find(id) is not { } application || GalleryEndpoints.Body(request) is not { } body)
            return GraphResponse.NotFound(id);
        JsonObject policy = request.Method == "PUT" ? [] : (JsonObject)application.Claims.Now!.DeepClone();
        foreach ((string name, JsonNode? value) in body)
            policy[name] = value?.DeepClone();
        policy["id"] = "f914f36d-167e-3fa7-cfa2-355cc5a36689";
        application.Claims.Change(policy, directory.Late());
        return request.Method == "PUT" ? GalleryEndpoints.Json(201, policy.DeepClone()) : GraphResponse.Nothing;
    }

    private StandInApplication? Find(string id) => directory.Applications.Find(application => application.Id == id && !application.IsGone);
}

/// <summary>Certificates as addTokenSigningCertificate makes them.</summary>
public static class StandInCertificate
{
    // One key serves every certificate: making one takes long, and no test looks at it.
    private static readonly RSA s_key = RSA.Create(2048);

    /// <summary>Adds a certificate to the service principal, and gives what the action answers: its public part.</summary>
    public static JsonObject Add(
        StandInApplication application,
        StandInDirectory directory,
        string name,
        DateTimeOffset from,
        DateTimeOffset to
    )
    {
        using X509Certificate2 certificate = Make(name, from, to);
        string keyId = directory.NewId(),
            identifier = Convert.ToBase64String(certificate.GetCertHash());
        JsonObject Key(string usage, string type, string id) =>
            new()
            {
                ["customKeyIdentifier"] = identifier,
                ["displayName"] = name,
                ["startDateTime"] = from.UtcDateTime,
                ["endDateTime"] = to.UtcDateTime,
                ["key"] = Convert.ToBase64String(certificate.RawData),
                ["keyId"] = id,
                ["type"] = type,
                ["usage"] = usage,
            };
        var principal = (JsonObject)application.Principal.Now!.DeepClone();
        principal["keyCredentials"]!.AsArray().Add(Key("Sign", "X509CertAndPassword", keyId));
        principal["keyCredentials"]!.AsArray().Add(Key("Verify", "AsymmetricX509Cert", directory.NewId()));
        principal["passwordCredentials"]!
            .AsArray()
            .Add(
                new JsonObject
                {
                    ["customKeyIdentifier"] = identifier,
                    ["displayName"] = name,
                    ["keyId"] = keyId,
                    ["endDateTime"] = to.UtcDateTime,
                    ["secretText"] = null,
                }
            );
        application.Principal.Change(principal, directory.Late());
        JsonObject made = Key("Verify", "AsymmetricX509Cert", directory.NewId());
        made["thumbprint"] = certificate.Thumbprint;
        return made;
    }

    private static X509Certificate2 Make(string name, DateTimeOffset from, DateTimeOffset to)
    {
        var request = new CertificateRequest(name, s_key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Span<byte> serial = stackalloc byte[8];
        Random.Shared.NextBytes(serial);
        using X509Certificate2 own = request.Create(
            request.SubjectName,
            X509SignatureGenerator.CreateForRSA(s_key, RSASignaturePadding.Pkcs1),
            from,
            to,
            serial
        );
        return new X509Certificate2(own.RawData);
    }
}
