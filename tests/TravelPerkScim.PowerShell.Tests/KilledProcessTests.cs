using System.Diagnostics;
using System.Text.Json.Nodes;
using TravelPerkScim.PowerShell.Tests.Support;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>A process that runs a cycle is killed, for real; the next one finishes what it began.</summary>
[Collection(WaitingCollection.Name)]
public sealed class KilledProcessTests : IDisposable
{
    private const int People = 300;
    private const string KeyName = "TRAVELPERK_TEST_KEY";

    private readonly string _folder = Directory.CreateTempSubdirectory("killed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(170)]
    [InlineData(280)]
    public async Task No_user_is_lost_or_created_twice_and_no_leaver_stays_active(int writes)
    {
        string key = Guid.NewGuid().ToString("N");
        using Session session = new();
        dynamic sandbox = session
            .Run("param($key) $global:sandbox = Start-ScimSandbox -ApiKey $key; $sandbox", Session.Secret(key))[0]
            .BaseObject;
        Write(People);
        string cycle = $$"""
            $key = [System.Security.SecureString]::new(); $env:{{KeyName}}.ToCharArray() | ForEach-Object { $key.AppendChar($_) }
            Connect-TravelPerk -ApiKey $key -BaseUri {{(Uri)sandbox.BaseUri}}
            if (-not [System.IO.File]::Exists('{{_folder}}/job/job.json')) {
                $null = New-ProvisioningJob '{{_folder}}/job' '{{_folder}}/users.json' -DeleteThresholdShare 1
                Set-ProvisioningJob '{{_folder}}/job' -Concurrency 8
            }
            Invoke-Provisioning '{{_folder}}/job' | ForEach-Object { "$($_.Action) $($_.Status)" }
            """;

        using (Process process = ChildHost.Start(start => start.Environment[KeyName] = key, "-Command", cycle))
        {
            Task drain = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            // The process needs the processor to start. From its first write on, the moment of the kill counts.
            while ((long)sandbox.WriteCount == 0 && !process.HasExited)
                await Task.Delay(TimeSpan.FromMilliseconds(5));
            while ((long)sandbox.WriteCount < writes && !process.HasExited)
                await Task.Yield();
            process.Kill();
            await process.WaitForExitAsync();
            await drain;
        }
        Assert.InRange((long)sandbox.WriteCount, writes, People - 1);

        // A user whose create was under way when the process died may have left before the next cycle.
        Write(People - 60);
        ChildHost.Result next = await ChildHost.RunAsync(start => start.Environment[KeyName] = key, "-Command", cycle);
        ChildHost.Result idle = await ChildHost.RunAsync(start => start.Environment[KeyName] = key, "-Command", cycle);

        Assert.Equal((0, ""), (next.ExitCode, next.Error));
        Assert.Equal("", idle.Output);
        List<JsonNode> users =
        [
            .. session
                .Run("foreach ($user in $sandbox.Users) { $user.ToJsonString() }")
                .Select(json => JsonNode.Parse((string)json.BaseObject)!),
        ];
        Assert.Equal(
            Enumerable.Range(1, People - 60).Select(n => $"user{n}@example.com").Order(StringComparer.Ordinal),
            users.Where(user => (bool)user["active"]!).Select(user => (string)user["userName"]!).Order(StringComparer.Ordinal)
        );
        Assert.Equal(users.Count, users.Select(user => (string)user["externalId"]!).Distinct().Count());
    }

    private void Write(int people) =>
        File.WriteAllLines(
            Path.Combine(_folder, "users.json"),
            Enumerable
                .Range(1, people)
                .Select(n =>
                    $$"""
                        {"id":"00000000-0000-4000-8000-{{n:D12}}","userPrincipalName":"user{{n}}@example.com","givenName":"Given{{n}}","surname":"Family{{n}}","accountEnabled":true,"jobTitle":"Title"}
                        """
                )
        );
}
