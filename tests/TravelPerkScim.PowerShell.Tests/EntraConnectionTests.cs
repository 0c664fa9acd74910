using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>Signing in to Entra, as a user at a prompt meets it.</summary>
public sealed class EntraConnectionTests
{
    [Fact]
    public async Task A_connection_shows_account_and_permissions_but_never_the_token()
    {
        await using EntraTenant tenant = new();
        using Session session = new();
        string token = EntraTenant.Token(roles: null, scp: EntraTenant.EveryPermission, upn: "anna@example.com");

        tenant.Connect(session, token);
        PSObject connection = Assert.Single(session.Run("Get-EntraDirectoryConnection"));

        Assert.Equal(EntraTenant.Id, Text(connection, "TenantId"));
        Assert.Equal("anna@example.com", Text(connection, "Account"));
        Assert.Equal("0d1f3a52-6c1c-4bb0-9d6a-0a4a53b4d6d1", Text(connection, "ClientId"));
        Assert.Equal(("AccessToken", "Global"), (Text(connection, "Authentication"), Text(connection, "Environment")));
        Assert.Equal(tenant.Graph.Endpoint.ToString(), Text(connection, "GraphEndpoint"));
        Assert.Equal(EntraTenant.EveryPermission.Split(' '), ((IEnumerable<string>)connection.Properties["Permissions"].Value));
        Assert.DoesNotContain(token, connection + string.Join('\n', connection.Properties.Select(p => p.Value)), StringComparison.Ordinal);
        Assert.Empty(tenant.Graph.Requests);

        session.Run("Disconnect-EntraDirectory; Disconnect-EntraDirectory");
        Assert.Empty(session.Run("Get-EntraDirectoryConnection"));
    }

    [Fact]
    public async Task A_default_connection_belongs_to_one_runspace_and_can_be_handed_to_another()
    {
        await using EntraTenant tenant = new();
        using Session first = tenant.Connect(new());
        using Session second = new();

        ErrorRecord error = second.Fail("Get-EntraApplication TravelPerk");
        Assert.StartsWith("EntraNotConnected,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Contains("Connect-EntraDirectory", error.Exception.Message, StringComparison.Ordinal);

        PSObject connection = Assert.Single(first.Run("Get-EntraDirectoryConnection"));
        Assert.Equal(
            "TravelPerk",
            Text(Assert.Single(second.Run("param($c) Get-EntraApplication TravelPerk -EntraConnection $c", connection)), "DisplayName")
        );
    }

    [Fact]
    public async Task A_missing_permission_is_a_warning_of_the_sign_in_and_an_error_of_the_job()
    {
        await using EntraTenant tenant = new();
        using Session session = new();
        using System.Management.Automation.PowerShell shell = session.Create(
            "param($token, $uri) Connect-EntraDirectory -AccessToken $token -GraphEndpoint $uri",
            Session.Secret(EntraTenant.Token("User.Read.All Group.Read.All")),
            tenant.Graph.Endpoint
        );

        shell.Invoke();
        ErrorRecord error = session.Fail("Get-EntraApplication TravelPerk");

        Assert.Contains("Application.Read.All", Assert.Single(shell.Streams.Warning).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("User.Read.All", shell.Streams.Warning[0].Message, StringComparison.Ordinal);
        Assert.StartsWith("EntraPermissionMissing,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.PermissionDenied, error.CategoryInfo.Category);
        Assert.Empty(tenant.Graph.Requests);
    }

    [Theory]
    [InlineData("Directory.Read.All")]
    [InlineData("user.readwrite.all GroupMember.ReadWrite.All Application.ReadWrite.All")]
    public async Task A_higher_permission_is_enough(string roles)
    {
        await using EntraTenant tenant = new();
        using Session session = new();
        using System.Management.Automation.PowerShell shell = session.Create(
            "param($token, $uri) Connect-EntraDirectory -AccessToken $token -GraphEndpoint $uri",
            Session.Secret(EntraTenant.Token(roles)),
            tenant.Graph.Endpoint
        );

        shell.Invoke();

        Assert.Empty(shell.Streams.Warning);
    }

    [Fact]
    public async Task An_opaque_token_is_used_as_it_is()
    {
        await using EntraTenant tenant = new();
        using Session session = new();

        tenant.Connect(session, "opaque-token", "-TenantId contoso.onmicrosoft.com");

        PSObject connection = Assert.Single(session.Run("Get-EntraDirectoryConnection"));
        Assert.Equal("contoso.onmicrosoft.com", Text(connection, "TenantId"));
        Assert.Null(connection.Properties["Permissions"].Value);
        Assert.Single(session.Run("Get-EntraApplication TravelPerk"));
    }

    [Fact]
    public void An_expired_token_is_refused_at_once_and_the_former_connection_stays()
    {
        using Session session = new();
        session.Run("param($t) Connect-EntraDirectory -AccessToken $t", Session.Secret(EntraTenant.Token()));

        ErrorRecord error = session.Fail(
            "param($t) Connect-EntraDirectory -AccessToken $t",
            Session.Secret(EntraTenant.Token(ends: DateTimeOffset.UnixEpoch.AddYears(50), tenant: "other"))
        );

        Assert.Equal("EntraTokenExpired,TravelPerkScim.PowerShell.Commands.ConnectEntraDirectoryCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.AuthenticationError, error.CategoryInfo.Category);
        Assert.Equal(EntraTenant.Id, session.Value<string>("(Get-EntraDirectoryConnection).TenantId"));
    }

    [Theory]
    [InlineData("-AccessToken $key -GraphEndpoint http://graph.microsoft.com", "InsecureUri", ErrorCategory.SecurityError)]
    [InlineData("-AccessToken $key -GraphEndpoint ftp://127.0.0.1/", "InvalidUri", ErrorCategory.InvalidArgument)]
    [InlineData("-AccessToken $key -GraphEndpoint 'https://graph.microsoft.com/v1.0?x=1'", "InvalidUri", ErrorCategory.InvalidArgument)]
    [InlineData("-AccessToken $spaced", "InvalidAccessToken", ErrorCategory.AuthenticationError)]
    [InlineData("-AccessToken ([securestring]::new())", "InvalidAccessToken", ErrorCategory.AuthenticationError)]
    [InlineData(
        "-ClientSecretCredential ([pscredential]::new('0d1f3a52-6c1c-4bb0-9d6a-0a4a53b4d6d1', $key))",
        "TenantMissing",
        ErrorCategory.InvalidArgument
    )]
    [InlineData(
        "-TenantId 'not a tenant' -ClientSecretCredential ([pscredential]::new('0d1f3a52-6c1c-4bb0-9d6a-0a4a53b4d6d1', $key))",
        "EntraSignInFailed",
        ErrorCategory.AuthenticationError
    )]
    [InlineData(
        "-TenantId contoso.com -ClientSecretCredential ([pscredential]::new('app', [securestring]::new()))",
        "InvalidCredential",
        ErrorCategory.InvalidArgument
    )]
    [InlineData(
        "-TenantId contoso.com -ClientId app -CertificateThumbprint 0000000000000000000000000000000000000000",
        "CertificateNotFound",
        ErrorCategory.ObjectNotFound
    )]
    public void A_wrong_sign_in_is_one_error_with_the_way_out(string arguments, string errorId, ErrorCategory category)
    {
        using Session session = new();

        ErrorRecord error = session.Fail(
            "param($key, $spaced) Connect-EntraDirectory " + arguments,
            Session.Secret("secret-canary"),
            Session.Secret("two words")
        );

        Assert.Equal($"{errorId},TravelPerkScim.PowerShell.Commands.ConnectEntraDirectoryCommand", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.DoesNotContain("secret-canary", error.Exception.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("two words", error.Exception.ToString(), StringComparison.Ordinal);
        Assert.Empty(session.Run("Get-EntraDirectoryConnection"));
    }

    [Theory]
    [InlineData(false, 0, 30, "no private key")]
    [InlineData(true, -30, -1, "ended on")]
    [InlineData(true, 1, 30, "it is valid from")]
    public void An_unusable_certificate_is_refused_before_anything_is_sent(bool withKey, int fromDays, int toDays, string why)
    {
        using Session session = new();
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=provisioning", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 whole = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(fromDays),
            DateTimeOffset.UtcNow.AddDays(toDays)
        );
        using X509Certificate2 given = withKey ? new X509Certificate2(whole) : X509CertificateLoader.LoadCertificate(whole.RawData);

        ErrorRecord error = session.Fail(
            "param($c) Connect-EntraDirectory -TenantId contoso.com -ClientId 0d1f3a52-6c1c-4bb0-9d6a-0a4a53b4d6d1 -Certificate $c",
            given
        );

        Assert.StartsWith("InvalidCertificate,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(why, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_a_sign_in_that_gets_no_answer_ends_within_a_second()
    {
        await using IdentityEndpoint silent = new(token: null);
        // Of this process, because the stop has to come from it; no other test here asks for a managed identity in-process.
        Environment.SetEnvironmentVariable("IDENTITY_ENDPOINT", silent.Address);
        Environment.SetEnvironmentVariable("IDENTITY_HEADER", "header-canary");
        try
        {
            using Session session = new();
            using System.Management.Automation.PowerShell shell = session.Create("Connect-EntraDirectory -Identity");

            IAsyncResult running = shell.BeginInvoke();
            await silent.Asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
            long started = Stopwatch.GetTimestamp();
            shell.Stop();

            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(1));
            Assert.True(running.IsCompleted);
            Assert.Empty(session.Run("Get-EntraDirectoryConnection"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("IDENTITY_ENDPOINT", null);
            Environment.SetEnvironmentVariable("IDENTITY_HEADER", null);
        }
    }

    [Fact]
    public async Task A_managed_identity_signs_in_with_the_resources_own_endpoint()
    {
        await using IdentityEndpoint identity = new(EntraTenant.Token());

        ChildHost.Result result = await ChildHost.RunAsync(
            identity.Configure,
            "-Command",
            "Connect-EntraDirectory -Identity -PassThru | ForEach-Object { \"$($_.Authentication) $($_.TenantId) $($_.Account)\" }"
        );

        Assert.Equal("", result.Error);
        Assert.Equal($"ManagedIdentity {EntraTenant.Id} Provisioning runbook\n", result.Output);
        Assert.Contains("resource=https", Assert.Single(identity.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_assigned_identity_is_requested_by_its_client_id()
    {
        await using IdentityEndpoint identity = new(EntraTenant.Token());

        await ChildHost.RunAsync(
            identity.Configure,
            "-Command",
            "Connect-EntraDirectory -Identity -ClientId 11111111-2222-3333-4444-555555555555 -Environment USGov"
        );

        string request = Assert.Single(identity.Requests);
        Assert.Contains("client_id=11111111-2222-3333-4444-555555555555", request, StringComparison.Ordinal);
        Assert.Contains("graph.microsoft.us", request, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Without_a_workload_identity_the_error_names_what_it_needs()
    {
        ChildHost.Result result = await ChildHost.RunAsync(
            "-Command",
            "try { Connect-EntraDirectory -WorkloadIdentity } catch { $_.FullyQualifiedErrorId; $_.Exception.Message }"
        );

        Assert.StartsWith("EntraSignInUnavailable,", result.Output, StringComparison.Ordinal);
        Assert.Contains("AZURE_FEDERATED_TOKEN_FILE", result.Output, StringComparison.Ordinal);
    }

    private static string? Text(PSObject value, string property) => value.Properties[property]?.Value?.ToString();
}
