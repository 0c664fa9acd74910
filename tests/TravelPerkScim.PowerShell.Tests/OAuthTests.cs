using System.Collections;
using System.Diagnostics;
using System.Security;
using System.Text.RegularExpressions;
using Shell = System.Management.Automation.PowerShell;

namespace TravelPerkScim.PowerShell.Tests;

public sealed partial class OAuthTests
{
    private const string Client =
        "-ClientCredential ([pscredential]::new($sandbox.ClientId, $sandbox.GetClientSecret())) -BaseUri $sandbox.BaseUri";
    private const string Authorize = $"Connect-TravelPerk {Client} -Authorize -NoBrowser";

    // What a session has when Microsoft.PowerShell.SecretManagement is loaded and one vault is registered.
    private const string VaultCommands = """
        function global:Test-Vault($Name, $Vault) { if ($Vault -ne 'Automation') { throw "Vault $Vault not found in registry." } }
        function global:Get-Secret {
            [CmdletBinding()] param($Name, $Vault)
            Test-Vault $Name $Vault
            if ($vaultItems.ContainsKey($Name)) { return $vaultItems[$Name] }
            $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([Exception]::new("The secret $Name was not found."), 'GetSecretNotFound', 'ObjectNotFound', $null))
        }
        function global:Set-Secret { [CmdletBinding()] param($Name, [securestring] $Secret, $Vault) Test-Vault $Name $Vault; $vaultItems[$Name] = $Secret.Copy(); $vaultWrites.Add([Net.NetworkCredential]::new('', $Secret).Password) }
        function global:Remove-Secret { [CmdletBinding()] param($Name, $Vault) Test-Vault $Name $Vault; $vaultItems.Remove($Name) }
        """;

    private static readonly HttpClient s_browser = new(new SocketsHttpHandler { UseProxy = false });

    [Fact]
    public async Task An_administrator_consents_and_commands_work()
    {
        using Session session = StartSandbox();

        PSObject connection = Assert.Single(await SignInAsync(session, Authorize + " -PassThru"));

        Assert.Equal("OAuth", connection.Properties["Authentication"].Value);
        Assert.Equal(["scim:read", "scim:write", "scim:delete"], (IEnumerable<string>)connection.Properties["Scopes"].Value);
        Assert.InRange(
            (DateTimeOffset)connection.Properties["TokenExpiresOn"].Value,
            DateTimeOffset.UtcNow.AddMinutes(59),
            DateTimeOffset.UtcNow.AddMinutes(60)
        );
        Assert.Equal("bo@contoso.com", session.Value<string>("(New-ScimUser bo@contoso.com Bo Ek).UserName"));
        Assert.True(session.Value<bool>("Test-ScimConnection"));
        session.Run("Disconnect-TravelPerk");
        Assert.Empty(session.Run("Get-TravelPerkConnection"));
    }

    [Fact]
    public async Task A_command_outside_the_granted_scopes_is_refused()
    {
        using Session session = StartSandbox("-UserCount 1");
        await SignInAsync(session, Authorize + " -Scope scim:read");

        ErrorRecord error = session.Fail("Get-ScimUser | Remove-ScimUser -Confirm:$false");

        Assert.StartsWith("Forbidden,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("scim:read", session.Value<string>("(Get-TravelPerkConnection).Scopes"));
    }

    [Fact]
    public async Task A_later_session_signs_in_from_the_vault_without_a_browser()
    {
        using Session first = StartSandbox();
        PSObject sandbox = Assert.Single(first.Run("Get-ScimSandbox"));
        Hashtable items = [];
        List<string> writes = [];
        UseVault(first, items, writes);
        await SignInAsync(first, Authorize + " -TokenVault Automation");

        using Session later = new();
        later.Run("param($s) $global:sandbox = $s", sandbox);
        UseVault(later, items, writes);
        later.Run($"Connect-TravelPerk {Client} -TokenVault Automation");

        Assert.Equal("OAuth", later.Value<string>("(Get-TravelPerkConnection).Authentication"));
        Assert.True(later.Value<bool>("Test-ScimConnection"));
        Assert.Single(items);
        Assert.Equal(2, writes.Distinct().Count());

        later.Run("Disconnect-TravelPerk -Forget");
        Assert.Empty(items);
        Assert.StartsWith(
            "TokenNotFound,",
            later.Fail($"Connect-TravelPerk {Client} -TokenVault Automation").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_token_that_expires_in_mid_cycle_is_renewed_once_and_kept_in_the_vault()
    {
        using Session session = StartSandbox();
        Hashtable items = [];
        List<string> writes = [];
        UseVault(session, items, writes);
        await SignInAsync(session, Authorize + " -TokenVault Automation");
        string folder = Directory.CreateTempSubdirectory("oauth-").FullName;
        try
        {
            await WriteUsersAsync(folder, "Berg");
            session.Run("param($f) $null = New-ProvisioningJob \"$f/job\" \"$f/users.json\"; $sandbox.ExpireAccessTokens()", folder);

            session.Run("param($f) $global:outcomes = @(Invoke-Provisioning \"$f/job\")", folder);

            Assert.Equal(200, session.Value<int>("$sandbox.UserCount"));
            Assert.Equal(2, session.Value<int>("@($sandbox.RequestLog | Where-Object Path -EQ /accounts/oauth2/token/).Count"));
            Assert.Equal(2, writes.Distinct().Count());

            session.Run("$sandbox.RevokeTokens()");
            await WriteUsersAsync(folder, "Ek");
            ErrorRecord refused = session.Fail("param($f) Invoke-Provisioning \"$f/job\"", folder);
            Assert.StartsWith("OAuthRefreshRefused,", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(ErrorCategory.AuthenticationError, refused.CategoryInfo.Category);
            Assert.Contains("Connect-TravelPerk -Authorize", refused.Exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_denial_is_one_clear_error()
    {
        using Session session = StartSandbox();
        session.Run("$sandbox.ConsentDenied = $true");

        ErrorRecord denied = await FailAsync(session, Authorize, address => address);

        Assert.Equal("OAuthDenied,TravelPerkScim.PowerShell.Commands.ConnectTravelPerkCommand", denied.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.PermissionDenied, denied.CategoryInfo.Category);
        Assert.Empty(session.Run("Get-TravelPerkConnection"));
    }

    [Fact]
    public async Task An_answer_of_another_sign_in_is_not_taken_and_the_right_one_still_signs_in()
    {
        using Session session = StartSandbox();
        using Shell shell = session.Create(Authorize);
        Task<Uri> shown = AddressOf(shell);
        Task running = shell.InvokeAsync();
        Uri address = await shown;

        var foreign = new Uri(Regex.Replace(address.AbsoluteUri, "state=[^&]*", "state=another"));
        using HttpResponseMessage other = await s_browser.GetAsync(foreign);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, other.StatusCode);
        using HttpResponseMessage right = await s_browser.GetAsync(address);
        await running;

        Assert.Empty(shell.Streams.Error);
        Assert.True(session.Value<bool>("Test-ScimConnection"));
    }

    [Theory]
    [InlineData("", "AuthorizeNeeded")]
    [InlineData("-TokenVault a -Remember", "AmbiguousTokenStore")]
    [InlineData("-TokenVault Automation", "TokenStoreUnavailable")]
    [InlineData("-TokenVault Automation -Authorize -NoBrowser", "TokenStoreUnavailable")]
    public void Missing_parameters_are_named(string arguments, string errorId)
    {
        using Session session = StartSandbox();

        ErrorRecord error = session.Fail($"Connect-TravelPerk {Client} {arguments}");

        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_vault_is_named()
    {
        using Session session = StartSandbox();
        UseVault(session, [], []);

        ErrorRecord error = session.Fail($"Connect-TravelPerk {Client} -TokenVault Other");

        Assert.StartsWith("TokenStoreUnavailable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Vault Other not found", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_ends_the_wait_for_the_browser_within_a_second()
    {
        using Session session = StartSandbox();
        using Shell shell = session.Create(Authorize);
        Task<Uri> shown = AddressOf(shell);
        Task running = shell.InvokeAsync();
        await shown;

        long started = Stopwatch.GetTimestamp();
        await Task.Factory.FromAsync(shell.BeginStop, shell.EndStop, null);

        await Assert.ThrowsAnyAsync<RuntimeException>(() => running);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task No_stream_ever_holds_a_token_a_code_or_the_client_secret()
    {
        CapturingHost host = new();
        using Session session = StartSandbox(host: host);
        UseVault(session, [], []);
        session.Run("$global:VerbosePreference = 'Continue'; $global:DebugPreference = 'Continue'");
        List<string> seen = [];

        await SignInAsync(session, Authorize + " -TokenVault Automation -PassThru", seen: seen);
        foreach (
            string script in new[]
            {
                "Get-TravelPerkConnection; Get-ScimUser; $sandbox",
                "$sandbox.ExpireAccessTokens(); Get-ScimUser",
                $"Connect-TravelPerk {Client} -TokenVault Automation -PassThru",
                "$sandbox.RevokeTokens(); Get-ScimUser",
                $"Connect-TravelPerk {Client} -TokenVault Automation",
                "Disconnect-TravelPerk -Forget",
            }
        )
        {
            using Shell shell = session.Create(script);
            await CollectAsync(shell, shell.InvokeAsync(), seen);
            using Shell shown = session.Create($"& {{ {script} }} *>&1 | Out-Default");
            await CollectAsync(shown, shown.InvokeAsync(), seen);
        }

        seen.Add(host.Shown);
        string secret = session.Value<string>("[Net.NetworkCredential]::new('', $sandbox.GetClientSecret()).Password");
        Assert.Contains(seen, text => text.Contains("POST /accounts/oauth2/token/", StringComparison.Ordinal));
        Assert.Contains(seen, text => text.Contains("OAuthRefreshRefused", StringComparison.Ordinal));
        foreach (string canary in new[] { "sandbox-access-", "sandbox-refresh-", "sandbox-code-", secret, "code_verifier=" })
        {
            Assert.DoesNotContain(seen, text => text.Contains(canary, StringComparison.OrdinalIgnoreCase));
        }
    }

    [GeneratedRegex("http://\\S+$")]
    private static partial Regex Address { get; }

    private static Session StartSandbox(string arguments = "", CapturingHost? host = null)
    {
        Session session = new(host);
        session.Run($"$global:sandbox = Start-ScimSandbox {arguments}");
        return session;
    }

    private static Task WriteUsersAsync(string folder, string surname) =>
        File.WriteAllTextAsync(
            Path.Combine(folder, "users.json"),
            $"[{string.Join(',', Enumerable.Range(1, 200).Select(n => $$"""{"id":"u{{n}}","userPrincipalName":"u{{n}}@contoso.com","givenName":"G{{n}}","surname":"{{surname}}","accountEnabled":true}"""))}]"
        );

    private static void UseVault(Session session, Hashtable items, List<string> writes) =>
        session.Run("param($i, $w) $global:vaultItems = $i; $global:vaultWrites = $w; " + VaultCommands, items, writes);

    /// <summary>Runs a command that waits for the browser, is that browser, and goes where it is told instead; gives the command's only
    /// error.</summary>
    private static async Task<ErrorRecord> FailAsync(Session session, string script, Func<Uri, Uri> browse)
    {
        using Shell shell = session.Create(script);
        Task<Uri> shown = AddressOf(shell);
        Task running = shell.InvokeAsync();
        using HttpResponseMessage page = await s_browser.GetAsync(browse(await shown));
        await running;
        return Assert.Single(shell.Streams.Error);
    }

    /// <summary>Runs a command that waits for the browser, and is that browser.</summary>
    private static async Task<IReadOnlyList<PSObject>> SignInAsync(Session session, string script, List<string>? seen = null)
    {
        using Shell shell = session.Create(script);
        Task<Uri> shown = AddressOf(shell);
        Task<PSDataCollection<PSObject>> running = shell.InvokeAsync();
        using HttpResponseMessage page = await s_browser.GetAsync(await shown);
        if (seen is not null)
        {
            await CollectAsync(shell, running, seen);
        }

        return [.. await running];
    }

    private static Task<Uri> AddressOf(Shell shell)
    {
        TaskCompletionSource<Uri> shown = new(TaskCreationOptions.RunContinuationsAsynchronously);
        shell.Streams.Warning.DataAdded += (warnings, added) =>
            shown.TrySetResult(new Uri(Address.Match(((PSDataCollection<WarningRecord>)warnings!)[added.Index].Message).Value));
        return shown.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task CollectAsync(Shell shell, Task<PSDataCollection<PSObject>> running, List<string> seen)
    {
        try
        {
            seen.AddRange((await running).SelectMany(SecretTests.Texts));
        }
        catch (RuntimeException exception)
        {
            seen.AddRange(SecretTests.Texts(PSObject.AsPSObject(exception.ErrorRecord)));
        }

        PSDataStreams streams = shell.Streams;
        seen.AddRange(
            new IEnumerable[] { streams.Error, streams.Warning, streams.Verbose, streams.Debug, streams.Information, streams.Progress }
                .SelectMany(stream => stream.Cast<object>())
                .SelectMany(record => SecretTests.Texts(PSObject.AsPSObject(record)))
        );
    }
}
