namespace TravelPerkScim.PowerShell.Tests;

public sealed class SandboxCommandTests
{
    [Fact]
    public void A_sandbox_does_not_keep_the_values_of_named_attributes()
    {
        using var session = Session.WithSandbox();
        session.Run(
            """
            $sandbox = Start-ScimSandbox -NotKept title, name.givenName
            $sandbox | Connect-TravelPerk
            $null = New-ScimUser anna@contoso.com Anna Berg -Title Engineer
            Set-ScimUser 1 -Title Pilot -GivenName Ann -FamilyName Hill
            """
        );

        Assert.Equal("|Anna|Hill", session.Value<string>("$u = Get-ScimUser 1; $u.Title, $u.GivenName, $u.FamilyName -join '|'"));
        Assert.Equal(
            "Pilot",
            session.Value<string>("$sandbox.SetNotKept('name.givenName'); Set-ScimUser 1 -Title Pilot; (Get-ScimUser 1).Title")
        );
    }

    [Fact]
    public void An_attribute_that_users_do_not_have_is_one_clear_error()
    {
        using var session = Session.WithSandbox();

        System.Management.Automation.ErrorRecord error = session.Fail("Start-ScimSandbox -NotKept shoeSize");

        Assert.StartsWith("SandboxOptionInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("'shoeSize' is no attribute of this sandbox's users.", error.Exception.Message, StringComparison.Ordinal);
    }
}
