namespace TravelPerkScim.PowerShell.Tests;

public class FormatTests
{
    [Theory]
    [InlineData("Get-ScimUser", "Id UserName Active GivenName FamilyName Title", "1 anna@contoso.com True Anna Berg Engineer")]
    [InlineData("Get-TravelPerkConnection", "Environment Authentication Requests BaseUri", "Custom ApiKey 1 http://127.0.0.1:")]
    [InlineData(
        "$t = [securestring]::new(); $t.AppendChar('x'); Connect-EntraDirectory -AccessToken $t -TenantId contoso.com -PassThru",
        "Authentication Account TenantId Requests Environment",
        "AccessToken contoso.com 0 Global"
    )]
    [InlineData("Get-ScimSandbox", "Users Requests BaseUri", "1 1 http://127.0.0.1:")]
    [InlineData("Test-ScimConnection -Detailed", "Check Outcome Time Message", "Authentication Passed")]
    [InlineData("Get-ScimSchema *core:2.0:User", "Name Attributes Id", "urn:ietf:params:scim:schemas:core:2.0:User")]
    [InlineData(
        "(Get-ScimSchema *core:2.0:User).Attribute",
        "Name Type Multi Required Mutability Description",
        "userName string False True readWrite"
    )]
    [InlineData("Get-ScimMapping -Default", "TargetAttribute Type Match Source", "travelperk: gender Expression")]
    [InlineData(
        "@{ userPrincipalName = 'anna@contoso.com'; givenName = 'Anna' } | ConvertTo-ScimUser -Explain",
        "TargetAttribute Value Expression, or problem",
        "userName anna@contoso.com [userPrincipalName]"
    )]
    [InlineData("Resolve-ScimExpression 'Left([a], 1)' @{ a = 'bc' } -Explain", "Expression Value, or error", "Left([a], 1) b")]
    [InlineData(
        "$f = [IO.Path]::GetTempFileName(); Export-ScimMapping -Default -Path $f; "
            + "Set-ScimScope $f 'department EQUALS \"Sales\"' -PassThru; [IO.File]::Delete($f)",
        "Kind Filter",
        "Scope department EQUALS \"Sales\""
    )]
    [InlineData(
        "$f = [IO.Path]::GetTempFileName(); Export-ScimMapping -Default -Path $f; "
            + "(Set-ScimScope $f 'department EQUALS \"a\", \"b\"' -PassThru).Clause; [IO.File]::Delete($f)",
        "SourceAttribute Operator Value",
        "department EQUALS a, b"
    )]
    [InlineData(
        "$f = [IO.Path]::GetTempFileName(); Export-ScimMapping -Default -Path $f; Set-ScimMapping $f title -Expression 'Now()'; "
            + "Test-ScimMapping $f | Where-Object TargetAttribute -EQ title; [IO.File]::Delete($f)",
        "Severity TargetAttribute Column Message",
        "Information title The value differs each time"
    )]
    public void Results_are_shown_as_a_table(string command, string columns, string row)
    {
        CapturingHost host = new();
        using Session session = new(host);
        session.Run("Start-ScimSandbox | Connect-TravelPerk; $null = New-ScimUser anna@contoso.com Anna Berg -Title Engineer");

        session.Run($"& {{ {command} }} | Out-Default");

        string[] lines =
        [
            .. host
                .Shown.Split('\n')
                .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
                .Where(line => line.Length > 0),
        ];
        // Above the columns there is at most the heading of a group.
        int head = lines[0].StartsWith("User: ", StringComparison.Ordinal) ? 1 : 0;
        Assert.Equal(columns, lines[head]);
        Assert.StartsWith("-", lines[head + 1], StringComparison.Ordinal);
        Assert.Contains(lines[(head + 2)..], line => line.Contains(row, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Get-ScimUser")]
    [InlineData("Get-ProvisioningPlan job -Reconcile")]
    [InlineData("Invoke-Provisioning job -Reconcile")]
    [InlineData("$null = Invoke-Provisioning job -Reconcile; Get-ProvisioningLog job")]
    [InlineData("@{ id = 'a1'; userPrincipalName = 'a@b.c'; givenName = \"X$esc[2K$([char]0x202e)\" } | ConvertTo-ScimUser -Explain")]
    [InlineData(
        "@{ id = 'a1'; userPrincipalName = 'a@b.c'; givenName = \"X$esc[2K$([char]0x202e)\" } | ConvertTo-ScimUser -Explain | Format-List"
    )]
    [InlineData("Set-ScimMapping job title -Expression \"\"\"X$esc[2K$([char]0x202e)\"\"\"; Get-ScimMapping job")]
    [InlineData("Set-ScimScope job \"givenName NOT EQUALS 'X$esc[2K$([char]0x202e)'\" -PassThru")]
    public void Control_characters_are_shown_escaped(string command)
    {
        string folder = Directory.CreateTempSubdirectory("format-").FullName;
        try
        {
            File.WriteAllText(
                Path.Combine(folder, "users.json"),
                """[{"id":"a1","userPrincipalName":"anna@contoso.com","givenName":"Anna","surname":"Berg","jobTitle":"Pilot","accountEnabled":true}]"""
            );
            CapturingHost host = new();
            using Session session = new(host);
            session.Run(
                "$PSStyle.OutputRendering = 'PlainText'; $null = $ExecutionContext.SessionState.Path.SetLocation($args[0]); "
                    + "Start-ScimSandbox | Connect-TravelPerk; $null = New-ProvisioningJob job users.json",
                folder
            );
            session.Run(
                "$null = Invoke-Provisioning job; $esc = [char]27; Set-ScimUser anna@contoso.com -Title \"X$esc[2K$([char]0x202e)\""
            );
            Assert.Equal("X\u001b[2K\u202e", session.Value<string>("(Get-ScimUser).Title"));

            session.Run($"& {{ {command} }} | Out-Default");

            Assert.Contains("X\\u001b[2K\\u202e", host.Shown, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', host.Shown);
            Assert.DoesNotContain('\u202e', host.Shown);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
