using System.Text.Json.Nodes;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.GraphStandIn.Endpoints;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>Single sign-on, as a user at a prompt meets it.</summary>
public sealed class EntraSingleSignOnTests
{
    private const string Reading = "Application.Read.All Policy.Read.All";
    private const string Every = Reading + " Application.ReadWrite.All Policy.ReadWrite.ApplicationConfiguration";
    private const string Entity = "https://contoso.travelperk.com/accounts/saml2/metadata/5f0c1e7a";
    private const string Set = "Set-EntraSingleSignOn TravelPerk contoso 5f0c1e7a -NotificationEmail it@contoso.com";

    [Fact]
    public async Task A_complete_setup_stays_and_the_values_to_paste_are_shown()
    {
        await using EntraTenant tenant = new();
        StandInApplication application = Ready(tenant);
        application.Principal.Now!["notificationEmailAddresses"] = new JsonArray();
        CapturingHost host = new();
        using Session session = tenant.Connect(new(host), EntraTenant.Token(Every));

        session.Run($"{Set} | Tee-Object -Variable set | Out-Default");

        Assert.Equal(
            [$"PATCH servicePrincipals/{application.Id}"],
            tenant.Graph.Requests.Where(request => !request.StartsWith("GET ", StringComparison.Ordinal))
        );
        Assert.Equal($"https://sts.windows.net/{EntraTenant.Id}/", session.Value<string>("$set.IdentityProviderEntityId"));
        Assert.Equal(
            new Uri(tenant.Graph.Endpoint, $"/{EntraTenant.Id}/saml2").AbsoluteUri,
            session.Value<string>("$set.IdentityProviderLoginUrl")
        );
        Assert.StartsWith(
            "-----BEGIN CERTIFICATE-----",
            session.Value<string>("$set.IdentityProviderCertificate"),
            StringComparison.Ordinal
        );
        foreach (
            string shown in new[]
            {
                "To paste: certificate",
                "-----BEGIN CERTIFICATE-----",
                "Admin override on",
                "(JIT) off",
                "it@contoso.com",
                "emailaddress: user.userprincipalname",
                Entity,
                ", active",
            }
        )
        {
            Assert.Contains(shown, host.Shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task WhatIf_names_each_change_and_changes_nothing()
    {
        await using EntraTenant tenant = new();
        CapturingHost host = new();
        using Session session = tenant.Connect(new(host), EntraTenant.Token(Every));

        session.Run(Set + " -WhatIf");
        session.Run("Update-EntraSigningCertificate TravelPerk Create -WhatIf");

        Assert.All(tenant.Graph.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));
        foreach (
            string change in new[]
            {
                "single sign-on mode to saml",
                Entity,
                "emailaddress from user.userprincipalname",
                "it@contoso.com",
                "signing certificate",
                "Make a signing certificate",
            }
        )
        {
            Assert.Contains(change, host.Shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Each_check_is_an_object_and_needs_only_permissions_to_read()
    {
        await using EntraTenant tenant = new();
        StandInApplication application = Ready(tenant);
        using Session session = tenant.Connect(new(), EntraTenant.Token(Reading));

        PSObject[] checks = [.. session.Run("Test-EntraSingleSignOn TravelPerk")];
        Assert.All(checks, check => Assert.Equal((Text(check, "Check"), "Passed"), (Text(check, "Check"), Text(check, "Status"))));
        Assert.Equal(10, checks.Length);

        PSObject warned = Assert.Single(session.Run("Test-EntraSingleSignOn TravelPerk -WarnDays 400 | Where-Object Status -NE Passed"));
        Assert.Equal(("Certificate", "Warning"), (Text(warned, "Check"), Text(warned, "Status")));
        Assert.Contains("Update-EntraSigningCertificate", Text(warned, "Advice"), StringComparison.Ordinal);
        Assert.Equal(application.Id, Text(Assert.Single(session.Run("Get-EntraSingleSignOn TravelPerk")), "ApplicationId"));
        Assert.All(tenant.Graph.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_step_of_a_change_of_certificates_names_the_next_step()
    {
        await using EntraTenant tenant = new();
        StandInApplication application = Ready(tenant);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string waiting = (string)StandInCertificate.Add(application, tenant.Directory, "CN=Next", now, now.AddYears(2))["thumbprint"]!;
        using Session session = tenant.Connect(new(), EntraTenant.Token(Every));

        PSObject created = Assert.Single(session.Run("Update-EntraSigningCertificate TravelPerk Create"));
        Assert.Equal((waiting, "False"), (Text(created, "Thumbprint"), Text(created, "IsActive")));
        Assert.Contains("-Step Activate", Text(created, "NextStep"), StringComparison.Ordinal);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", Text(created, "Certificate"), StringComparison.Ordinal);
        Assert.All(tenant.Graph.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));

        PSObject activated = Assert.Single(session.Run("Update-EntraSigningCertificate TravelPerk Activate"));
        Assert.Equal((waiting, "True"), (Text(activated, "Thumbprint"), Text(activated, "IsActive")));

        application.Principal.Now!["preferredTokenSigningKeyThumbprint"] = null;
        Assert.StartsWith(
            "EntraCertificateMissing,",
            session.Fail("Update-EntraSigningCertificate TravelPerk RemoveOld").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(Set, "Policy.ReadWrite.ApplicationConfiguration", Reading + " Application.ReadWrite.All")]
    [InlineData("Get-EntraSingleSignOn TravelPerk", "Policy.Read.All", "Application.Read.All")]
    [InlineData("Test-EntraSingleSignOn TravelPerk", "Policy.Read.All", "Application.Read.All")]
    [InlineData("Update-EntraSigningCertificate TravelPerk Create", "Application.ReadWrite.All", "Application.Read.All")]
    public async Task A_missing_permission_is_named_before_anything_is_sent(string command, string missing, string granted)
    {
        await using EntraTenant tenant = new();
        using Session session = tenant.Connect(new(), EntraTenant.Token(granted));

        ErrorRecord error = session.Fail(command);

        Assert.StartsWith("EntraPermissionMissing,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(missing, error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(tenant.Graph.Requests);
    }

    [Theory]
    [InlineData("Set-EntraSingleSignOn TravelPerk contoso.travelperk.com 1", "TravelPerkAddressInvalid")]
    [InlineData("Set-EntraSingleSignOn TravelPerk contoso '1/?x'", "TravelPerkAddressInvalid")]
    [InlineData(Set, "EntraClaimsMappingAssigned")]
    public async Task An_impossible_setting_is_refused_before_the_first_change(string command, string errorId)
    {
        await using EntraTenant tenant = new();
        tenant.Application.MappingPolicies.Add("Contoso claims");
        using Session session = tenant.Connect(new(), EntraTenant.Token(Every));

        Assert.StartsWith(errorId + ",", session.Fail(command).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.All(tenant.Graph.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_stream_holds_the_token()
    {
        await using EntraTenant tenant = new();
        Ready(tenant);
        CapturingHost host = new();
        string token = EntraTenant.Token(Every);
        using Session session = tenant.Connect(new(host), token);
        tenant.Graph.Behavior.Denied.Add("Policy.Read.All");
        using System.Management.Automation.PowerShell shell = session.Create(
            "$VerbosePreference = $DebugPreference = 'Continue'; & { Get-EntraSingleSignOn TravelPerk; Test-EntraSingleSignOn TravelPerk; "
                + Set
                + " } *>&1 | Format-List * -Force | Out-String"
        );
        string all = string.Concat(shell.Invoke()) + host.Shown;

        Assert.Contains("MetadataCertificate", all, StringComparison.Ordinal);
        Assert.Contains("The permission Policy.Read.All is missing", all, StringComparison.Ordinal);
        Assert.DoesNotContain(token, all, StringComparison.Ordinal);
    }

    /// <summary>The tenant's application with single sign-on set up, as Set-EntraSingleSignOn leaves it.</summary>
    private static StandInApplication Ready(EntraTenant tenant)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string thumbprint = (string)
            StandInCertificate.Add(tenant.Application, tenant.Directory, "CN=TravelPerk SSO", now.AddDays(-10), now.AddYears(1))[
                "thumbprint"
            ]!;
        JsonObject principal = tenant.Application.Principal.Now!,
            registration = tenant.Application.Registration.Now!;
        principal["preferredSingleSignOnMode"] = "saml";
        principal["loginUrl"] = "https://contoso.travelperk.com/";
        principal["preferredTokenSigningKeyThumbprint"] = thumbprint;
        principal["notificationEmailAddresses"] = new JsonArray("it@contoso.com");
        registration["identifierUris"] = new JsonArray(Entity);
        registration["web"]!["redirectUris"] = new JsonArray("https://contoso.travelperk.com/accounts/saml2/callback/5f0c1e7a/?acs");
        JsonObject policy = tenant.Application.Claims.Now!;
        policy["claims"] = new JsonArray(
            Claim("""{"@odata.type":"#microsoft.graph.samlNameIdClaim"}""", "userprincipalname"),
            Claim(Custom("emailaddress"), "userprincipalname"),
            Claim(Custom("name"), "userprincipalname"),
            Claim(Custom("givenname"), "givenname"),
            Claim(Custom("surname"), "surname")
        );
        return tenant.Application;

        static string Custom(string name) =>
            "{\"@odata.type\":\"#microsoft.graph.customClaim\",\"name\":\""
            + name
            + "\",\"namespace\":\"http://schemas.xmlsoap.org/ws/2005/05/identity/claims\",\"tokenFormat\":[\"saml\"]}";

        static JsonObject Claim(string json, string source)
        {
            var claim = (JsonObject)JsonNode.Parse(json)!;
            claim["configurations"] = JsonNode.Parse(
                "[{\"attribute\":{\"@odata.type\":\"#microsoft.graph.sourcedAttribute\",\"id\":\""
                    + source
                    + "\",\"source\":\"user\"},\"transformations\":[]}]"
            );
            return claim;
        }
    }

    private static string? Text(PSObject value, string property) => value.Properties[property]?.Value?.ToString();
}
