using System.Collections;
using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.PowerShell.Tests;

[Collection(WaitingCollection.Name)]
public class SecretTests
{
    private const string Canary = "canary-5f0c2d-secret";
    private const string WrongCanary = "wrong-canary-77aa";
    private const string EntraPermissions =
        " Synchronization.ReadWrite.All AuditLog.Read.All Application.ReadWrite.All"
        + " AppRoleAssignment.ReadWrite.All Policy.Read.All Policy.ReadWrite.ApplicationConfiguration";

    // One line or more for every command; a new command must be added here.
    private static readonly string[] s_everything =
    [
        "$global:sandbox = Start-ScimSandbox -ApiKey $key -UserCount 3",
        "$sandbox | Connect-TravelPerk -PassThru",
        "Connect-TravelPerk -ApiKey $key -BaseUri $sandbox.BaseUri -PassThru",
        "Connect-TravelPerk -Credential ([pscredential]::new('scim', $key)) -BaseUri $sandbox.BaseUri -PassThru",
        "Test-ScimConnection; Test-ScimConnection -Detailed",
        "Get-TravelPerkConnection; Get-ScimSandbox",
        "Get-ScimSchema; Get-ScimServiceProviderConfig",
        "New-ScimUser anna@contoso.com Anna Berg; New-ScimUser anna@contoso.com Anna Berg",
        "Get-ScimUser; Get-ScimUser anna@contoso.com; Get-ScimUser 99; Get-ScimUser -Filter 'title is x'",
        "Set-ScimUser anna@contoso.com -Title Pilot -PassThru; Set-ScimUser 99 -Title Pilot",
        "Remove-ScimUser anna@contoso.com -Confirm:$false; Remove-ScimUser 99 -Confirm:$false",
        "Connect-TravelPerk -ApiKey $wrong -BaseUri $sandbox.BaseUri; Get-ScimUser; Test-ScimConnection",
        "Connect-TravelPerk -BearerToken $wrong -BaseUri $sandbox.BaseUri; Get-ScimUser",
        "Connect-TravelPerk -BearerToken $wrong -BaseUri http://example.com",
        "Connect-TravelPerk -ClientCredential ([pscredential]::new('app', $wrong)) -BaseUri $sandbox.BaseUri; "
            + "Connect-TravelPerk -ClientCredential ([pscredential]::new('app', $wrong)) "
            + "-TokenVault none -BaseUri $sandbox.BaseUri; Disconnect-TravelPerk -Forget",
        "$sandbox.SetBehavior('HtmlInsteadOfJson', $true); $sandbox | Connect-TravelPerk; "
            + "Get-ScimUser; $sandbox.SetBehavior('HtmlInsteadOfJson', $false)",
        "$null = $ExecutionContext.SessionState.Path.SetLocation($folder); "
            + "$sandbox | Connect-TravelPerk; New-ProvisioningJob kept users.json; New-ProvisioningJob gone users.json; "
            + "Get-ProvisioningJob; Set-ProvisioningJob kept -Concurrency 4 -PassThru",
        "Get-ScimMapping kept; Set-ScimMapping kept title -Constant Boss -PassThru; Set-ScimMapping kept title -SourceAttribute nothing",
        "Export-ScimMapping kept out.json -PassThru; Set-ScimScope out.json 'jobTitle IS NOT NULL' -PassThru; "
            + "Get-ScimScope out.json; Remove-ScimMapping out.json title -Confirm:$false; "
            + "Import-ScimMapping out.json kept -PassThru; Set-ScimScope kept -Clear",
        "Test-ScimMapping kept -Discover; Resolve-ScimExpression '[a]' @{ a = 'b' } -Explain; ConvertTo-ScimUser @{ id = '1' } -Explain",
        "Get-ProvisioningPlan kept | Export-ProvisioningPlan plan.json -PassThru; "
            + "Import-ProvisioningPlan plan.json; Import-ProvisioningPlan plan.json | Invoke-Provisioning kept -WhatIf; "
            + "Get-ProvisioningPlan kept -Reconcile; Import-ProvisioningPlan out.json",
        "Get-ProvisioningPlan kept; Invoke-Provisioning kept -WhatIf; "
            + "Invoke-Provisioning kept; Get-ProvisioningStatus kept; Get-ProvisioningLog kept",
        "'report.html', 'report.md', 'report.csv', 'report.json' | ForEach-Object { Get-ProvisioningLog kept | "
            + "Export-ProvisioningReport $_ -Job kept -PassThru; "
            + "Get-ProvisioningStatus kept | Export-ProvisioningReport $_; Get-Content $_ -Raw }",
        "[Environment]::SetEnvironmentVariable('TRAVELPERK_CANARY', [Net.NetworkCredential]::new('', $key).Password); "
            + "Set-ProvisioningJob kept -SecretFrom Environment -SecretName TRAVELPERK_CANARY -PassThru; "
            + "Start-ProvisioningJob kept -PassThru; Get-ProvisioningStatus kept",
        "Set-ProvisioningNotification kept hook -Webhook -AddressFrom Environment -AddressName TRAVELPERK_CANARY "
            + "-SecretFrom Environment -SecretName TRAVELPERK_CANARY -PassThru; Get-ProvisioningNotification kept; "
            + "Test-ProvisioningNotification kept; Remove-ProvisioningNotification kept hook -Confirm:$false",
        "Disconnect-TravelPerk; Connect-TravelPerk -Job kept -PassThru; Disconnect-TravelPerk; "
            + "Invoke-Provisioning kept -Scheduled -PassThru; Stop-ProvisioningJob kept; "
            + "Invoke-Provisioning kept -Scheduled -PassThru; Invoke-Provisioning kept -Scheduled",
        "[Environment]::SetEnvironmentVariable('TRAVELPERK_CANARY', [Net.NetworkCredential]::new('', $wrong).Password); "
            + "Start-ProvisioningJob kept; Invoke-Provisioning kept -Scheduled -PassThru -Initial; "
            + "Invoke-Provisioning kept -Scheduled -Initial; "
            + "Set-ProvisioningJob kept -SecretFrom File -SecretPath kept/job.json; Connect-TravelPerk -Job kept",
        "[Environment]::SetEnvironmentVariable('TRAVELPERK_CANARY', $null); Invoke-Provisioning kept -Scheduled -PassThru; "
            + "Set-ProvisioningJob kept -SecretFrom None; Reset-ProvisioningJob kept -Scope Quarantine",
        "Register-ProvisioningSchedule kept -Kind Cron -WhatIf; Get-ProvisioningSchedule; Unregister-ProvisioningSchedule kept; "
            + "Export-ProvisioningSchedule kept AzureAutomation schedules; Export-ProvisioningSchedule kept Systemd schedules",
        "Connect-TravelPerk -ApiKey $wrong -BaseUri $sandbox.BaseUri; "
            + "[IO.File]::AppendAllText(\"$folder/users.json\", \"`n{}\"); Invoke-Provisioning kept -Initial; "
            + "Reset-ProvisioningJob kept -Scope All -Force; Remove-ProvisioningJob gone -Confirm:$false",
        "Connect-EntraDirectory -AccessToken $entra -GraphEndpoint $graph; "
            + "New-EntraProvisioningJob TravelPerk -SecretToken $wrong; "
            + "Set-EntraProvisioningJob TravelPerk -SecretToken $key -Scope All -PassThru; "
            + "Set-EntraProvisioningJob TravelPerk -SecretToken $wrong",
        "Get-EntraProvisioningJob TravelPerk; Test-EntraProvisioningJob TravelPerk; "
            + "Test-EntraProvisioningJob TravelPerk -SecretToken $wrong; Start-EntraProvisioningJob TravelPerk; "
            + "Stop-EntraProvisioningJob TravelPerk; Restart-EntraProvisioningJob TravelPerk -PassThru",
        "Invoke-EntraProvisioning TravelPerk user1@example.com; Get-EntraProvisioningLog TravelPerk; "
            + "Export-EntraProvisioningSchema TravelPerk hosted.json; "
            + "Import-EntraProvisioningSchema TravelPerk hosted.json -Confirm:$false; "
            + "Compare-ScimMapping hosted.json -EntraJob TravelPerk; "
            + "Test-ScimMapping hosted.json -Against TravelPerk -User @{ id = '1' }",
        "Compare-Provisioning kept -EntraApplication TravelPerk -IncludeEqual",
        "Reset-EntraProvisioningSchema TravelPerk -Confirm:$false; Remove-EntraProvisioningJob TravelPerk -WhatIf",
        "New-EntraApplication TravelPerk 'TravelPerk two' -WhatIf; Remove-EntraApplication TravelPerk -WhatIf; "
            + "Get-EntraApplicationRole TravelPerk; Add-EntraApplicationRole TravelPerk Approver -WhatIf; "
            + "Remove-EntraApplicationRole TravelPerk Approver -WhatIf",
        "Get-EntraApplicationAssignment TravelPerk; 'user1@example.com', 'missing@example.com' | "
            + "Add-EntraApplicationAssignment TravelPerk; Remove-EntraApplicationAssignment TravelPerk Travellers -WhatIf",
        "Get-EntraSingleSignOn TravelPerk; Test-EntraSingleSignOn TravelPerk; "
            + "Set-EntraSingleSignOn TravelPerk contoso 5f0c1e7a -NotificationEmail it@contoso.com -WhatIf; "
            + "Update-EntraSigningCertificate TravelPerk Create -WhatIf",
        "Connect-EntraDirectory -AccessToken $key -TenantId contoso.com -GraphEndpoint "
            + "\"$($sandbox.BaseUri.Scheme)://$($sandbox.BaseUri.Authority)\" -PassThru; Get-EntraDirectoryConnection; "
            + "Get-EntraApplication TravelPerk; New-ProvisioningJob live -EntitlementScope All; Get-ProvisioningPlan live",
        "Connect-EntraDirectory -TenantId 'not a tenant' -ClientSecretCredential ([pscredential]::new('app', $key)); "
            + "Disconnect-EntraDirectory; Get-EntraApplication TravelPerk",
        "Connect-ProvisioningStore -ConnectionString $key -PassThru; "
            + "$store = [securestring]::new(); \"Host=127.0.0.1;Port=1;Database=states;Username=a;Password="
            + "$([Net.NetworkCredential]::new('', $key).Password)\".ToCharArray() | ForEach-Object { $store.AppendChar($_) }; "
            + "Connect-ProvisioningStore -ConnectionString $store -PassThru; Get-ProvisioningStatus -Store; "
            + "Move-ProvisioningJobState kept -ToStore -StateKey kept -Confirm:$false; Disconnect-ProvisioningStore",
        "Stop-ScimSandbox; Get-ScimUser 1",
        "Disconnect-TravelPerk",
    ];

    [Fact]
    public async Task No_stream_ever_holds_a_token()
    {
        await using EntraTenant tenant = new(users: 1);
        StandInSynchronization hosted = tenant.Directory.Synchronization.Of(tenant.Application);
        hosted.Validates = keys => keys.GetValueOrDefault("SecretToken") == Canary;
        hosted.Jobs.Add(new StandInJob("travelperk.1", "travelperk"));
        CapturingHost host = new();
        using Session session = new(host);
        string folder = Directory.CreateTempSubdirectory("secrets-").FullName;
        File.Copy(Path.Combine(Repository.Root, "module", "sample", "users.json"), Path.Combine(folder, "users.json"));
        session.Run(
            "param($key, $wrong, $folder) $global:key = $key; $global:wrong = $wrong; $global:folder = $folder; "
                + "$global:VerbosePreference = 'Continue'; $global:DebugPreference = 'Continue'",
            Session.Secret(Canary),
            Session.Secret(WrongCanary),
            folder
        );
        session.Run(
            "param($entra, $graph) $global:entra = $entra; $global:graph = $graph",
            Session.Secret(EntraTenant.Token(EntraTenant.EveryPermission + EntraPermissions)),
            tenant.Graph.Endpoint
        );
        List<string> seen = [];

        foreach (string script in s_everything)
        {
            using System.Management.Automation.PowerShell shell = session.Create(script);
            try
            {
                seen.AddRange(shell.Invoke().SelectMany(Texts));
            }
            catch (RuntimeException exception)
            {
                seen.AddRange(Texts(PSObject.AsPSObject(exception.ErrorRecord)));
            }

            PSDataStreams streams = shell.Streams;
            seen.AddRange(
                new IEnumerable[] { streams.Error, streams.Warning, streams.Verbose, streams.Debug, streams.Information, streams.Progress }
                    .SelectMany(stream => stream.Cast<object>())
                    .SelectMany(record => Texts(PSObject.AsPSObject(record)))
            );
            using System.Management.Automation.PowerShell shown = session.Create($"& {{ {script} }} *>&1 | Out-Default");
            try
            {
                shown.Invoke();
            }
            catch (RuntimeException exception)
            {
                seen.Add(exception.ToString());
            }
        }

        Assert.Equal(Canary, hosted.Secrets["SecretToken"]);
        seen.Add(host.Shown);
        string[] files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        Assert.Contains(files, file => file.EndsWith("state.db", StringComparison.Ordinal));
        seen.AddRange(
            files.SelectMany(file =>
                new[] { System.Text.Encoding.Latin1, System.Text.Encoding.Unicode }.Select(encoding =>
                    encoding.GetString(File.ReadAllBytes(file))
                )
            )
        );
        Directory.Delete(folder, recursive: true);
        Assert.Contains(seen, text => text.Contains("GET ", StringComparison.Ordinal) && text.Contains("Users", StringComparison.Ordinal));
        Assert.Contains(seen, text => text.Contains("Unauthorized", StringComparison.Ordinal));
        foreach (string secret in new[] { Canary, WrongCanary, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Canary)) })
        {
            Assert.DoesNotContain(seen, text => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public void The_search_covers_every_command()
    {
        using Session session = new();
        string all = string.Join('\n', s_everything);

        Assert.All(CommandShapeTests.Cmdlets(session), cmdlet => Assert.Contains(cmdlet.Name, all, StringComparison.Ordinal));
    }

    // An object's text, and that of its properties as Format-List would show them, two levels deep.
    internal static IEnumerable<string> Texts(PSObject value) => TextsWithin(value, 2);

    private static IEnumerable<string> TextsWithin(PSObject value, int depth)
    {
        yield return value.ToString();
        if (value.BaseObject is ErrorRecord error)
        {
            yield return error.Exception.ToString();
        }

        if (depth == 0 || value.BaseObject is string or ValueType)
        {
            yield break;
        }

        foreach (PSPropertyInfo property in value.Properties)
        {
            object? held;
            try
            {
                held = property.Value;
            }
            catch (GetValueException)
            {
                continue;
            }

            foreach (string text in held is null ? [] : TextsWithin(PSObject.AsPSObject(held), depth - 1))
            {
                yield return text;
            }
        }
    }
}
