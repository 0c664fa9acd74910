using System.Text;
using System.Text.Json.Nodes;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Entra.SingleSignOn;
using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.Entra.Tests;

public sealed class SingleSignOnCheckTests
{
    [Fact]
    public async Task All_is_well_after_the_set_up_and_the_metadata_is_asked_without_a_token()
    {
        await using var fixture = new HostingFixture();
        (_, EntraApplication application) = await ReadyAsync(fixture);

        List<SignOnCheck> checks = await CheckAsync(fixture, application);

        Assert.All(checks, check => Assert.Equal((check.Name, SignOnCheckStatus.Passed), (check.Name, check.Status)));
        Assert.Equal(
            [
                "Mode",
                "Addresses",
                "SignOnUrl",
                "Certificate",
                "OtherCertificates",
                "Notification",
                "Claims",
                "Metadata",
                "MetadataCertificate",
                "Assignments",
            ],
            checks.Select(check => check.Name)
        );
        Assert.All(fixture.Graph.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mode", "Mode", SignOnCheckStatus.Failed)]
    [InlineData("identifier", "Addresses", SignOnCheckStatus.Failed)]
    [InlineData("no identifier", "Addresses", SignOnCheckStatus.Failed)]
    [InlineData("reply", "Addresses", SignOnCheckStatus.Failed)]
    [InlineData("sign-on", "SignOnUrl", SignOnCheckStatus.Warning)]
    [InlineData("no certificate", "Certificate", SignOnCheckStatus.Failed)]
    [InlineData("waiting", "OtherCertificates", SignOnCheckStatus.Warning)]
    [InlineData("mail", "Notification", SignOnCheckStatus.Warning)]
    [InlineData("claims", "Claims", SignOnCheckStatus.Failed)]
    [InlineData("policy", "Claims", SignOnCheckStatus.Warning)]
    [InlineData("permission", "Claims", SignOnCheckStatus.Warning)]
    [InlineData("unassigned", "Assignments", SignOnCheckStatus.Failed)]
    [InlineData("open", "Assignments", SignOnCheckStatus.Warning)]
    [InlineData("metadata", "MetadataCertificate", SignOnCheckStatus.Failed)]
    public async Task Each_fault_fails_its_own_check(string wrong, string check, SignOnCheckStatus status)
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = await ReadyAsync(fixture);
        JsonObject principal = there.Principal.Now!,
            registration = there.Registration.Now!;
        switch (wrong)
        {
            case "mode":
                principal["preferredSingleSignOnMode"] = "password";
                break;
            case "identifier":
                registration["identifierUris"] = new JsonArray("https://elsewhere.com/x");
                break;
            case "no identifier":
                registration["identifierUris"] = new JsonArray();
                break;
            case "reply":
                registration["web"]!["redirectUris"] = new JsonArray("https://contoso.travelperk.com/accounts/saml2/callback/other/?acs");
                break;
            case "sign-on":
                principal["loginUrl"] = "https://fabrikam.travelperk.com/";
                break;
            case "no certificate":
                principal["preferredTokenSigningKeyThumbprint"] = null;
                break;
            case "waiting":
                SingleSignOnTests.Certificate(fixture, there, 0, 2000);
                break;
            case "mail":
                principal["notificationEmailAddresses"] = new JsonArray();
                break;
            case "claims":
                there.Claims.Now!["claims"]!.AsArray().RemoveAt(1);
                break;
            case "policy":
                there.MappingPolicies.Add("Contoso claims");
                break;
            case "permission":
                fixture.Graph.Behavior.Denied.Add("Policy.Read.All");
                break;
            case "unassigned" or "open":
                fixture.Tenant.Unassign(there, fixture.Tenant.Users.First(), "User");
                principal["appRoleAssignmentRequired"] = wrong == "unassigned";
                break;
            default:
                string other = SingleSignOnTests.Certificate(fixture, there, -10, -5);
                JsonObject changed = there.Principal.Now!;
                string active = (string)changed["preferredTokenSigningKeyThumbprint"]!;
                fixture.Graph.Behavior.Intercept = request =>
                {
                    changed["preferredTokenSigningKeyThumbprint"] = request.Path.EndsWith(
                        "federationmetadata.xml",
                        StringComparison.Ordinal
                    )
                        ? other
                        : active;
                    return null;
                };
                break;
        }

        List<SignOnCheck> checks = await CheckAsync(fixture, application);

        SignOnCheck told = checks.Single(one => one.Name == check);
        Assert.Equal(status, told.Status);
        Assert.NotNull(told.Advice);
        Assert.Equal(10, checks.Count);
    }

    [Theory]
    [InlineData(61, SignOnCheckStatus.Passed)]
    [InlineData(60, SignOnCheckStatus.Warning)]
    [InlineData(1, SignOnCheckStatus.Warning)]
    [InlineData(-1, SignOnCheckStatus.Failed)]
    public async Task The_end_of_the_certificate_is_warned_of(int days, SignOnCheckStatus status)
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = await ReadyAsync(fixture);
        string thumbprint = SingleSignOnTests.Certificate(fixture, there, -900, days);
        there.Principal.Now!["preferredTokenSigningKeyThumbprint"] = thumbprint;

        Assert.Equal(status, (await CheckAsync(fixture, application)).Single(check => check.Name == "Certificate").Status);
    }

    [Fact]
    public async Task An_ended_certificate_beside_a_valid_one_that_is_not_active_is_an_outage()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = await ReadyAsync(fixture);
        string thumbprint = SingleSignOnTests.Certificate(fixture, there, -900, -1);
        there.Principal.Now!["preferredTokenSigningKeyThumbprint"] = thumbprint;

        Assert.Equal(
            SignOnCheckStatus.Failed,
            (await CheckAsync(fixture, application)).Single(check => check.Name == "OtherCertificates").Status
        );
    }

    [Theory]
    [InlineData("doctype")]
    [InlineData("large")]
    [InlineData("html")]
    [InlineData("other root")]
    [InlineData("certificate")]
    [InlineData("redirect")]
    [InlineData("404")]
    public async Task Unreadable_metadata_is_a_failed_check_and_the_others_go_on(string form)
    {
        await using var fixture = new HostingFixture();
        (_, EntraApplication application) = await ReadyAsync(fixture);
        await using var foreign = new StandInGraph();
        const string Open = "<EntityDescriptor entityID=\"https://sts.windows.net/x/\" xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\">";
        fixture.Graph.Behavior.Intercept = request =>
            !request.Path.EndsWith("federationmetadata.xml", StringComparison.Ordinal)
                ? null
                : form switch
                {
                    "doctype" => Xml($"<!DOCTYPE x [<!ENTITY a SYSTEM \"{foreign.Endpoint}\">]>{Open}&a;</EntityDescriptor>"),
                    "large" => Xml($"{Open}{new string(' ', 1024 * 1024)}</EntityDescriptor>"),
                    "html" => Xml("<html><body>Sign in"),
                    "other root" => Xml("<feed/>"),
                    "certificate" => Xml(
                        $"{Open}<IDPSSODescriptor><KeyDescriptor use=\"signing\"><X509Certificate "
                            + $"xmlns=\"http://www.w3.org/2000/09/xmldsig#\">AAAA</X509Certificate></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>"
                    ),
                    "redirect" => Redirect(foreign.Endpoint),
                    _ => GraphResponse.Error(404, "NotFound", "x"),
                };

        List<SignOnCheck> checks = await CheckAsync(fixture, application);

        Assert.Equal(SignOnCheckStatus.Failed, checks.Single(check => check.Name == "Metadata").Status);
        Assert.Equal(SignOnCheckStatus.Passed, checks.Single(check => check.Name == "Assignments").Status);
        Assert.Empty(foreign.Requests);
    }

    private static GraphResponse Xml(string text) => new(200, Encoding.UTF8.GetBytes(text)) { ContentType = "application/xml" };

    private static GraphResponse Redirect(Uri to)
    {
        var answer = GraphResponse.Of(302, "{}");
        answer.Headers["Location"] = to.AbsoluteUri;
        return answer;
    }

    private static async Task<(StandInApplication There, EntraApplication Application)> ReadyAsync(HostingFixture fixture)
    {
        (StandInApplication there, EntraApplication application) = fixture.Have();
        await SingleSignOnTests.SetAsync(fixture, application);
        fixture.Tenant.Assign(there, fixture.Tenant.AddUser("a@contoso.com"), "User");
        fixture.Graph.ForgetRequests();
        return (there, application);
    }

    private static async Task<List<SignOnCheck>> CheckAsync(HostingFixture fixture, EntraApplication application)
    {
        var checks = new List<SignOnCheck>();
        await foreach (SignOnCheck check in new SignOnTest(fixture.Entra, 60).RunAsync(application, default))
            checks.Add(check);
        return checks;
    }
}
