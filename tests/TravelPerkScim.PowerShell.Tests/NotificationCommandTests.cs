using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>The channels of a job's notifications at the prompt: set, shown, tried and removed, with secrets that job.json only names the
/// place of.</summary>
public sealed class NotificationCommandTests : IDisposable
{
    private const string Url = "https://hook.example/s3cr3t-path";

    private readonly string _folder = Directory.CreateTempSubdirectory("notify-").FullName;
    private readonly CapturingHost _host = new();
    private readonly Session _session;

    public NotificationCommandTests()
    {
        File.WriteAllText(Path.Combine(_folder, "users.csv"), "id,userPrincipalName");
        _session = new Session(_host);
        _session.Run(
            "param($folder) $null = $ExecutionContext.SessionState.Path.SetLocation($folder); "
                + "$null = New-ProvisioningJob contoso users.csv -Target https://app.perk.com/api/v2/scim",
            _folder
        );
    }

    private JsonNode? Notifications => JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "contoso", "job.json")))!["notifications"];

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_mail_receiver_of_the_module_shows_a_sample()
    {
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        string script = Path.Combine(Repository.Root, "module", "demo", "mail-receiver.ps1");
        using System.Diagnostics.Process receiver = ChildHost.Start(_ => { }, "-File", script, "-Port", $"{port}", "-Count", "1");
        Task<string> error = receiver.StandardError.ReadToEndAsync();
        Assert.Equal($"Mail for 127.0.0.1:{port} is shown here. Ctrl+C ends it.", await receiver.StandardOutput.ReadLineAsync());

        _session.Run(
            $"Set-ProvisioningNotification contoso mail -Smtp -Server 127.0.0.1 -Port {port} -From a@example.com -To b@example.com; "
                + "Test-ProvisioningNotification contoso"
        );
        string shown = (await receiver.StandardOutput.ReadToEndAsync()).ReplaceLineEndings("\n");
        await receiver.WaitForExitAsync();

        Assert.Equal("", await error);
        Assert.Matches(@"^=== \d\d:\d\d:\d\d contoso: this is a test of the notifications\n", shown);
        Assert.Contains($"\nSent by: {Environment.UserName} on {Environment.MachineName}\n", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("<html>", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Channels_are_set_shown_and_removed()
    {
        _session.Run("Set-ProvisioningNotification contoso teams -Teams -AddressFrom Environment -AddressName TEAMS_URL -WhatIf");
        Assert.Null(Notifications);

        _session.Run(
            "Set-ProvisioningNotification contoso teams -Teams -AddressFrom "
                + "Environment -AddressName TEAMS_URL -Rule DeletesStaged, Quarantine"
        );
        _session.Run(
            "Set-ProvisioningNotification contoso mail -Smtp -Server relay.contoso.com "
                + "-From scim@contoso.com -To it@contoso.com -Digest Weekly -DigestAt 06:30"
        );
        _session.Run(
            "Set-ProvisioningNotification contoso graph -GraphMail -From scim@contoso.com -To "
                + "it@contoso.com -TenantId contoso.com -ClientId 0d1f -SecretFrom Vault -SecretName Mail"
        );
        _session.Run(
            "Set-ProvisioningNotification contoso events -Webhook -AddressFrom File -AddressPath "
                + "url.txt -SecretFrom Environment -SecretName KEY -AllowedHost events.contoso.internal"
        );
        _session.Run("Set-ProvisioningNotification contoso -RepeatAfter 12:00:00 -IncludeNames $true");
        // What is not given stays.
        _session.Run(
            "Set-ProvisioningNotification contoso teams -Teams -AddressFrom Environment -AddressName TEAMS_NEXT; "
                + "Set-ProvisioningNotification contoso MAIL -Smtp -Port 2525"
        );

        JsonNode teams = Notifications!["channels"]![0]!;
        Assert.Equal(
            ("teams", "Teams", "TEAMS_NEXT"),
            ((string?)teams["name"], (string?)teams["type"], (string?)teams["address"]!["name"])
        );
        Assert.Equal(["DeletesStaged", "Quarantine"], teams["rules"]!.AsArray().Select(rule => (string?)rule));
        Assert.Equal(
            (2525, "relay.contoso.com"),
            ((int)Notifications["channels"]![1]!["port"]!, (string?)Notifications["channels"]![1]!["host"])
        );
        Assert.Equal(
            ("Weekly", "06:30:00", "12:00:00", true),
            (
                (string?)Notifications["digest"],
                (string?)Notifications["digestAt"],
                (string?)Notifications["repeatAfter"],
                (bool)Notifications["includeNames"]!
            )
        );
        Assert.Equal(Path.Combine(_folder, "url.txt"), (string?)Notifications["channels"]![3]!["address"]!["path"]);
        _session.Run("Get-ProvisioningNotification contoso | Out-Default");
        Assert.Matches(@"teams +Teams +the URL in the environment ", _host.Shown);
        Assert.Matches(@"mail +Smtp +it@contoso.com through relay.con\w* +everything", _host.Shown);
        Assert.Equal(
            ["mail", "teams"],
            Complete("Remove-ProvisioningNotification contoso ").Order().Where(name => name is "mail" or "teams")
        );

        _session.Run(
            "Get-ProvisioningNotification contoso | Where-Object Type -NE Teams | Remove-ProvisioningNotification -Confirm:$false"
        );
        Assert.Equal("teams", _session.Value<string>("(Get-ProvisioningNotification contoso).Name"));
        Assert.StartsWith(
            "NotificationNotFound,",
            _session.Fail("Remove-ProvisioningNotification contoso mail -Confirm:$false").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_channel_that_could_not_send_and_a_secret_given_as_text_are_refused()
    {
        foreach (
            (string arguments, string errorId, string told) in new[]
            {
                ("mail -Smtp -Server relay -From a@b.c", "NotificationIncomplete", "-To"),
                ("mail -Smtp -To a@b.c -From a@b.c", "NotificationIncomplete", "-Server"),
                (
                    "mail -GraphMail -To a@b.c -From a@b.c -TenantId t -SecretFrom Environment -SecretName S",
                    "NotificationIncomplete",
                    "-ClientId"
                ),
                ("hook -Webhook -AddressFrom Environment -AddressName A", "NotificationIncomplete", "whsec_"),
                ("mail -Smtp -Server relay -From a@b.c -To nobody", "JobSettingsInvalid", "notifications.channels.mail.to"),
                ("teams -Teams -AddressFrom File -AddressName A", "SecretPlaceIncomplete", "-AddressPath"),
                ("teams -Teams -AddressFrom Cellar -AddressName A", "SecretPlaceIncomplete", "Environment, File, Vault"),
                ($"teams -Teams {Url}", "SecretGivenAsText", "-AddressFrom Environment -AddressName"),
                ($"teams -Teams -Address {Url}", "SecretGivenAsText", "Set-Secret"),
                ($"teams -Teams -AddressFrom {Url}", "SecretGivenAsText", "-AddressFrom"),
                (
                    "hook -Webhook -AddressFrom Environment -AddressName A -SecretFrom Environment -SecretName whsec_s3cr3t",
                    "SecretGivenAsText",
                    "-SecretName"
                ),
                ("-RepeatAfter 00:10:00", "RepeatAfterInvalid", "01:00:00"),
            }
        )
        {
            ErrorRecord error = _session.Fail($"Set-ProvisioningNotification contoso {arguments}");
            Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains(told, error.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("s3cr3t", error.ToString(), StringComparison.Ordinal);
        }
        Assert.Null(Notifications);
    }

    [Fact]
    public async Task A_test_sends_a_sample_to_each_channel_and_one_that_fails_does_not_keep_the_others()
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        Task<string> mail = TakeMailAsync(relay);
        string variable = $"NOTIFY_TEST_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(variable, "https://127.0.0.1/s3cr3t-path");
        try
        {
            _session.Run($"Set-ProvisioningNotification contoso teams -Teams -AddressFrom Environment -AddressName {variable}");
            _session.Run("Set-ProvisioningNotification contoso slack -Slack -AddressFrom Environment -AddressName NOTIFY_TEST_MISSING");
            _session.Run(
                $"Set-ProvisioningNotification contoso mail -Smtp -Server localhost -Port "
                    + $"{((IPEndPoint)relay.LocalEndpoint).Port} -From scim@contoso.com -To it@contoso.com"
            );
            Assert.Empty(_session.Run("Test-ProvisioningNotification contoso -WhatIf"));

            PSObject[] tests =
            [
                .. _session.TryRun(
                    "$ErrorActionPreference = 'Stop'; Test-ProvisioningNotification contoso "
                        + "-ErrorAction SilentlyContinue -ErrorVariable failed; $global:failed = $failed"
                ),
            ];

            Assert.Equal(
                ["teams False", "slack False", "mail True"],
                tests.Select(test => $"{test.Properties["Name"].Value} {test.Properties["Sent"].Value}")
            );
            Assert.Contains("contoso: this is a test", await mail.WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
            Assert.Equal(
                "NotificationAddressRefused SecretMissing",
                _session.Value<string>("$failed.ForEach{ $_.FullyQualifiedErrorId.Split(',')[0] } -join ' '")
            );
            Assert.DoesNotContain("s3cr3t", string.Join(' ', _session.Run("$failed | Out-String").Concat(tests)), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    public void Addresses_that_no_channel_sends_to_are_told_with_the_command()
    {
        _session.Run("Set-ProvisioningNotification contoso -Recipient it@contoso.com -WarningAction SilentlyContinue");
        string told = _session.Run("Get-ProvisioningNotification contoso 3>&1").Single().ToString();
        Assert.Contains("it@contoso.com", told, StringComparison.Ordinal);
        Assert.Contains($"Set-ProvisioningNotification '{Path.Combine(_folder, "contoso")}' mail -Smtp", told, StringComparison.Ordinal);

        Assert.Equal(
            "it@contoso.com",
            _session.Value<string>("(Set-ProvisioningNotification contoso mail -Smtp -Server relay -From scim@contoso.com -PassThru).To")
        );
        Assert.Single(_session.Run("Get-ProvisioningNotification contoso 3>&1"));
    }

    private IEnumerable<string> Complete(string line)
    {
        using var shell = System.Management.Automation.PowerShell.Create(_session.Runspace);
        System.Management.Automation.Runspaces.Runspace? before = System.Management.Automation.Runspaces.Runspace.DefaultRunspace;
        try
        {
            return
            [
                .. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Select(match => match.CompletionText),
            ];
        }
        finally
        {
            System.Management.Automation.Runspaces.Runspace.DefaultRunspace = before;
        }
    }

    // As much of SMTP as one mail needs.
    private static async Task<string> TakeMailAsync(TcpListener listener)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(client.GetStream());
        await using var writer = new StreamWriter(client.GetStream()) { AutoFlush = true, NewLine = "\r\n" };
        await writer.WriteLineAsync("220 localhost");
        List<string> mail = [];
        bool data = false;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (data && line != ".")
            {
                mail.Add(line);
                continue;
            }
            data = line == "DATA";
            await writer.WriteLineAsync(
                data ? "354 go on"
                : line == "QUIT" ? "221 bye"
                : "250 ok"
            );
        }
        return string.Join('\n', mail);
    }
}
