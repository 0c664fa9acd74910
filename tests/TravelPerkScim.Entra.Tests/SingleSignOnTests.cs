using System.Text.Json.Nodes;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Entra.SingleSignOn;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Tests;

public sealed class SingleSignOnTests
{
    private static readonly SignOnSettings s_contoso = new(TravelPerkAddresses.Of("contoso", "5f0c1e7a"))
    {
        NotificationAddresses = ["it@contoso.com"],
    };

    [Fact]
    public async Task A_new_application_is_set_up_and_the_second_run_changes_nothing()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();

        SignOnState state = await SetAsync(fixture, application);

        AssertSetUp(there);
        Assert.Equal(("saml", "https://contoso.travelperk.com/"), (state.Mode, state.SignOnUrl));
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", state.Active!.Pem, StringComparison.Ordinal);
        fixture.Graph.ForgetRequests();
        await SetAsync(fixture, application);
        Assert.Empty(fixture.Writes);
        Assert.All(fixture.Graph.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Copies_that_are_behind_are_waited_for(int lag)
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        fixture.Late(lag);

        await SetAsync(fixture, application);

        AssertSetUp(there);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    public Task Set_up_cancelled_anywhere_and_run_again_ends_in_the_same_state(int lag, int half)
    {
        EntraApplication? application = null;
        return HostingFixture.CancelEverywhereAsync(
            (fixture, stop) => SetAsync(fixture, application!, stop: stop),
            fixture => AssertSetUp(Assert.Single(fixture.Made)),
            fixture => application = fixture.Have().Application,
            lag,
            half,
            of: 2
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public Task Making_a_certificate_cancelled_anywhere_and_run_again_makes_one(int lag)
    {
        EntraApplication? application = null;
        return HostingFixture.CancelEverywhereAsync(
            (fixture, stop) => new SigningCertificates(fixture.Entra).CreateAsync(application!, stop),
            fixture => Assert.Single(Assert.Single(fixture.Made).Principal.Now!["passwordCredentials"]!.AsArray()),
            fixture => application = fixture.Have().Application,
            lag
        );
    }

    [Fact]
    public async Task Certificates_read_from_a_copy_that_is_behind_are_not_sent_back()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        Certificate(fixture, there, -1300, -200);
        string active = Certificate(fixture, there, -1000, 50);
        there.Principal.Now!["preferredTokenSigningKeyThumbprint"] = active;
        string behind = there.Principal.Now!.ToJsonString(),
            waiting = Certificate(fixture, there, 0, 1000);
        var certificates = new SigningCertificates(fixture.Entra);
        int read = 0;
        fixture.Graph.Behavior.Intercept = request =>
            request.Select?.Contains("passwordCredentials") is true && ++read is 2 or 3 ? GraphResponse.Of(200, behind) : null;

        await certificates.RemoveAsync(application, certificates.Old(await certificates.ReadAsync(application, default)), default);

        Assert.Equal([waiting, active], (await certificates.ReadAsync(application, default)).Select(one => one.Thumbprint));
    }

    [Fact]
    public async Task Only_different_settings_are_changed_and_addresses_that_are_not_TravelPerks_stay()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        await SetAsync(fixture, application);
        JsonObject registration = there.Registration.Now!;
        registration["identifierUris"] = new JsonArray(
            "https://old.travelperk.com/accounts/saml2/metadata/1",
            "https://intranet.contoso.com/sso"
        );
        registration["web"]!["redirectUris"] = new JsonArray("https://intranet.contoso.com/acs", s_contoso.Addresses.ReplyUrl);
        JsonArray claims = there.Claims.Now!["claims"]!.AsArray();
        claims.Single(claim => (string?)claim!["name"] == "emailaddress")!["configurations"]![0]!["attribute"]!["id"] = "mail";
        JsonNode own = JsonNode.Parse(
            """{"@odata.type":"#microsoft.graph.customClaim","name":"department","namespace":"urn:contoso","tokenFormat":["saml"],"configurations":[{"attribute":{"source":"user","id":"department"}}]}"""
        )!;
        claims.Insert(0, own);
        there.Claims.Now!["audienceOverride"] = "urn:kept";
        string active = (string)there.Principal.Now!["preferredTokenSigningKeyThumbprint"]!;
        fixture.Graph.ForgetRequests();

        List<string> asked = [];
        await SetAsync(fixture, application, confirm: change => asked.Add(change.Name));

        Assert.Equal(["identifier and reply URL", "claims"], asked);
        Assert.Equal([$"PATCH applications/{there.ObjectId}", $"PATCH beta/servicePrincipals/{there.Id}/claimsPolicy"], fixture.Writes);
        Assert.Equal(
            [s_contoso.Addresses.Identifier, "https://intranet.contoso.com/sso"],
            Texts(there.Registration.Now!["identifierUris"])
        );
        Assert.Equal(
            [s_contoso.Addresses.ReplyUrl, "https://intranet.contoso.com/acs"],
            Texts(there.Registration.Now!["web"]!["redirectUris"])
        );
        Assert.Equal("urn:kept", (string?)there.Claims.Now!["audienceOverride"]);
        Assert.True(JsonNode.DeepEquals(own, there.Claims.Now!["claims"]![0]));
        Assert.Equal(6, there.Claims.Now!["claims"]!.AsArray().Count);
        Assert.Equal(active, (string?)there.Principal.Now!["preferredTokenSigningKeyThumbprint"]);
    }

    [Fact]
    public async Task A_change_that_is_not_confirmed_is_left_out()
    {
        await using var fixture = new HostingFixture();
        (_, EntraApplication application) = fixture.Have();
        List<string> asked = [];

        await new SingleSignOnSetup(fixture.Entra).ApplyAsync(
            application,
            s_contoso,
            change =>
            {
                asked.Add(change.Name);
                return Task.FromResult(false);
            },
            default
        );

        Assert.Empty(fixture.Writes);
        Assert.Equal(
            ["single sign-on mode", "identifier and reply URL", "sign-on URL", "claims", "notification addresses", "signing certificate"],
            asked
        );
    }

    [Fact]
    public async Task A_claims_mapping_policy_is_named_and_nothing_is_changed()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        there.MappingPolicies.Add("Contoso claims");

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => SetAsync(fixture, application));

        Assert.Equal("EntraClaimsMappingAssigned", failure.ErrorId);
        Assert.Contains("'Contoso claims'", failure.Message, StringComparison.Ordinal);
        Assert.Empty(fixture.Writes);
        await SetAsync(fixture, application, settings: s_contoso with { SetsClaims = false });
        Assert.Empty(there.Claims.Now!);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    public async Task A_request_that_a_new_application_refuses_for_a_moment_is_sent_again(int status)
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        fixture.Graph.Behavior.RefuseNew = (status, 3);

        await SetAsync(fixture, application);

        AssertSetUp(there);
    }

    [Fact]
    public async Task An_identifier_of_another_application_is_refused_in_Graphs_words()
    {
        await using var fixture = new HostingFixture();
        await SetAsync(fixture, fixture.Have("TravelPerk old").Application);

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => SetAsync(fixture, fixture.Have().Application));

        Assert.Contains("identifierUris already exists", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_whose_answer_is_lost_is_not_made_twice()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        fixture.Late(4);
        int lost = 0;
        fixture.Graph.Behavior.LoseAnswer = request =>
            request.Path.EndsWith("addTokenSigningCertificate", StringComparison.Ordinal) && ++lost == 1;

        await SetAsync(fixture, application);

        AssertSetUp(there);
        Assert.Equal(1, lost);
    }

    [Fact]
    public async Task A_valid_certificate_that_is_not_active_is_used_and_an_ended_one_is_not()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        Certificate(fixture, there, -1200, -100);
        string valid = Certificate(fixture, there, -10, 300);

        SignOnState state = await SetAsync(fixture, application);

        Assert.Equal(valid, state.Active!.Thumbprint);
        Assert.DoesNotContain(fixture.Writes, request => request.EndsWith("addTokenSigningCertificate", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CONTOSO", "5f0c1e7a", "contoso", "5f0c1e7a")]
    [InlineData("contoso", " https://contoso.travelperk.com/accounts/saml2/metadata/5f0c1e7a ", "contoso", "5f0c1e7a")]
    public void Addresses_are_made_of_company_and_id(string company, string id, string expectedCompany, string expectedId)
    {
        var addresses = TravelPerkAddresses.Of(company, id);

        Assert.Equal($"https://{expectedCompany}.travelperk.com/accounts/saml2/metadata/{expectedId}", addresses.Identifier);
        Assert.Equal($"https://{expectedCompany}.travelperk.com/accounts/saml2/callback/{expectedId}/?acs", addresses.ReplyUrl);
        Assert.Equal(addresses, TravelPerkAddresses.From(addresses.Identifier));
    }

    [Theory]
    [InlineData("https://contoso.travelperk.com", "1")]
    [InlineData("contoso.evil.com/", "1")]
    [InlineData("-contoso", "1")]
    [InlineData("contoso", "1/../2")]
    [InlineData("contoso", "")]
    [InlineData("contoso", "https://fabrikam.travelperk.com/accounts/saml2/metadata/1")]
    public void Values_that_make_no_address_of_TravelPerk_are_refused(string company, string id) =>
        Assert.Equal("TravelPerkAddressInvalid", Assert.Throws<SourceException>(() => TravelPerkAddresses.Of(company, id)).ErrorId);

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task A_certificate_is_changed_in_three_steps_each_of_which_can_be_repeated(int lag)
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        Certificate(fixture, there, -1300, -200);
        string active = Certificate(fixture, there, -1000, 50);
        there.Principal.Now!["preferredTokenSigningKeyThumbprint"] = active;
        var certificates = new SigningCertificates(fixture.Entra);
        if (lag > 0)
            fixture.Late(lag);

        SigningCertificate made = await certificates.CreateAsync(application, default),
            again = await certificates.CreateAsync(application, default);
        Assert.Equal(made, again);
        Assert.False(made.IsActive);
        Assert.Equal(3, (await certificates.ReadAsync(application, default)).Count);

        SigningCertificate next = certificates.Next(await certificates.ReadAsync(application, default))!;
        Assert.Equal(made.Thumbprint, next.Thumbprint);
        Assert.True((await certificates.ActivateAsync(application, next, default)).IsActive);
        Assert.Null(certificates.Next(await certificates.ReadAsync(application, default)));

        await certificates.RemoveAsync(application, certificates.Old(await certificates.ReadAsync(application, default)), default);
        await certificates.RemoveAsync(application, certificates.Old(await certificates.ReadAsync(application, default)), default);
        Assert.Equal(made.Thumbprint, Assert.Single(await certificates.ReadAsync(application, default)).Thumbprint);
        Assert.Equal(2, there.Principal.Now!["keyCredentials"]!.AsArray().Count);
        Assert.Single(there.Principal.Now!["passwordCredentials"]!.AsArray());
    }

    [Fact]
    public async Task While_no_valid_certificate_is_active_none_is_old_and_a_waiting_one_never_is()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        var certificates = new SigningCertificates(fixture.Entra);
        string ended = Certificate(fixture, there, -1300, -200);
        there.Principal.Now!["preferredTokenSigningKeyThumbprint"] = ended;
        Certificate(fixture, there, -1400, -300);
        Assert.Empty(certificates.Old(await certificates.ReadAsync(application, default)));

        string active = Certificate(fixture, there, -900, 100);
        there.Principal.Now!["preferredTokenSigningKeyThumbprint"] = active;
        Certificate(fixture, there, 0, 1000);
        Assert.Equal(2, certificates.Old(await certificates.ReadAsync(application, default)).Count);
    }

    internal static string Certificate(HostingFixture fixture, StandInApplication application, int fromDays, int toDays)
    {
        DateTimeOffset now = fixture.Time.GetUtcNow();
        return (string)
            GraphStandIn.Endpoints.StandInCertificate.Add(
                application,
                fixture.Tenant,
                "CN=Old",
                now.AddDays(fromDays),
                now.AddDays(toDays)
            )["thumbprint"]!;
    }

    internal static Task<SignOnState> SetAsync(
        HostingFixture fixture,
        EntraApplication application,
        SignOnSettings? settings = null,
        Action<SignOnChange>? confirm = null,
        CancellationToken stop = default
    ) =>
        new SingleSignOnSetup(fixture.Entra).ApplyAsync(
            application,
            settings ?? s_contoso,
            change =>
            {
                confirm?.Invoke(change);
                return Task.FromResult(true);
            },
            stop
        );

    private static void AssertSetUp(StandInApplication there)
    {
        JsonObject principal = there.Principal.Now!,
            registration = there.Registration.Now!;
        Assert.Equal("saml", (string?)principal["preferredSingleSignOnMode"]);
        Assert.Equal(["https://contoso.travelperk.com/accounts/saml2/metadata/5f0c1e7a"], Texts(registration["identifierUris"]));
        Assert.Equal(["https://contoso.travelperk.com/accounts/saml2/callback/5f0c1e7a/?acs"], Texts(registration["web"]!["redirectUris"]));
        Assert.Equal("https://contoso.travelperk.com/", (string?)principal["loginUrl"]);
        Assert.Equal(["it@contoso.com"], Texts(principal["notificationEmailAddresses"]));
        JsonNode certificate = Assert.Single(principal["keyCredentials"]!.AsArray(), key => (string?)key!["usage"] == "Verify")!;
        Assert.Equal(
            (string?)principal["preferredTokenSigningKeyThumbprint"],
            Convert.ToHexString(Convert.FromBase64String((string)certificate["customKeyIdentifier"]!))
        );
        JsonArray claims = there.Claims.Now!["claims"]!.AsArray();
        Assert.Equal(
            [
                "samlNameIdClaim userprincipalname",
                "emailaddress userprincipalname",
                "name userprincipalname",
                "givenname givenname",
                "surname surname",
            ],
            claims.Select(claim =>
                $"{(string?)claim!["name"] ?? ((string)claim["@odata.type"]!)["#microsoft.graph.".Length..]} "
                + $"{claim["configurations"]![0]!["attribute"]!["id"]}"
            )
        );
        Assert.Equal(true, (bool?)there.Claims.Now!["includeBasicClaimSet"]);
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(text => (string)text!);
}
