namespace TravelPerkScim.PowerShell.Tests;

public class UserCommandTests
{
    private const string Anna = "New-ScimUser anna@contoso.com Anna Berg";

    [Fact]
    public void A_created_user_has_every_given_attribute()
    {
        using var session = Session.WithSandbox();
        session.Run("$null = New-ScimUser lars@contoso.com Lars Holm");

        PSObject user = Assert.Single(
            session.Run(
                """
                New-ScimUser anna@contoso.com Anna Berg -ExternalId e1 -HonorificPrefix MS -MiddleName Maria -Title Engineer -WorkPhone '+34 931234567' `
                    -PreferredLanguage en -Locale en-gb -CostCenter Growth -Manager lars@contoso.com -Gender F -DateOfBirth 1980-02-29 -TravelPolicy Standard `
                    -InvoiceProfile 'Contoso Ltd', 'Contoso GmbH' -EmergencyContactName Jo -EmergencyContactPhone '+34 987463700' -Active $false
                """
            )
        );

        Assert.Equal(
            "2|anna@contoso.com|e1|False|MS|Anna|Maria|Berg|Engineer|+34 "
                + "931234567|en|en-gb|Growth|1|F|1980-02-29|Standard|Contoso Ltd,Contoso GmbH|Jo|+34 987463700",
            session
                .Run(
                    """
                    param($u)
                    $u.Id, $u.UserName, $u.ExternalId, $u.Active, $u.HonorificPrefix, $u.GivenName, $u.MiddleName, $u.FamilyName, $u.Title, $u.WorkPhone, $u.PreferredLanguage, $u.Locale,
                    $u.CostCenter, $u.ManagerId, $u.Gender, $u.DateOfBirth, $u.TravelPolicy, ($u.InvoiceProfiles -join ','), $u.EmergencyContactName, $u.EmergencyContactPhone -join '|'
                    """,
                    user
                )
                .Single()
                .BaseObject
        );
    }

    [Fact]
    public void Users_come_from_rows_of_text_as_a_CSV_file_has_them()
    {
        using var session = Session.WithSandbox();

        session.Run(
            """
            $rows = [pscustomobject]@{ UserName = 'a@contoso.com'; GivenName = 'A'; FamilyName = 'One'; Active = 'False'; DateOfBirth = ''; Title = '' },
                    [pscustomobject]@{ UserName = 'b@contoso.com'; GivenName = 'B'; FamilyName = 'Two'; Active = 'true'; DateOfBirth = '1990/12/31'; Title = 'Pilot' }
            $null = $rows | New-ScimUser
            """
        );

        Assert.Equal(
            ["a@contoso.com False  ", "b@contoso.com True 1990-12-31 Pilot"],
            session
                .Run("Get-ScimUser | ForEach-Object { $_.UserName, $_.Active, $_.DateOfBirth, $_.Title -join ' ' }")
                .Select(line => (string)line.BaseObject)
        );
    }

    [Fact]
    public void A_user_is_active_by_default() => Assert.True(Session.WithSandbox().Value<bool>($"({Anna}).Active"));

    [Theory]
    [InlineData("Get-ScimUser anna@contoso.com")]
    [InlineData("Get-ScimUser 1")]
    [InlineData("Get-ScimUser -Id 1")]
    [InlineData("'1' | Get-ScimUser")]
    [InlineData("Get-ScimUser | Get-ScimUser")]
    [InlineData("[pscustomobject]@{ UserName = 'ANNA@contoso.com'; Other = 1 } | Get-ScimUser")]
    [InlineData("Get-ScimUser -Filter 'userName eq \"anna@contoso.com\"'")]
    public void A_user_is_found_by_id_userName_or_object(string command)
    {
        using var session = Session.WithSandbox();
        session.Run("$null = " + Anna);

        Assert.Equal("1", session.Value<string>($"({command}).Id"));
    }

    [Fact]
    public void A_missing_user_is_an_error_and_the_other_users_are_written()
    {
        using var session = Session.WithSandbox();
        session.Run("$null = " + Anna);

        Assert.Equal(
            ["anna@contoso.com"],
            session.TryRun("'99', 'missing@contoso.com', '1' | Get-ScimUser | ForEach-Object UserName").Select(name => name.BaseObject)
        );

        Assert.Equal(2, session.Errors.Count);
        Assert.All(
            session.Errors,
            error =>
            {
                Assert.StartsWith("UserNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
                Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
            }
        );
        Assert.Equal("99", session.Errors[0].TargetObject.ToString());
    }

    [Theory]
    [InlineData("Set-ScimUser lena -Title Pilot", "NotFound", "TravelPerk has no user with the id 'lena'. A userName has an @.")]
    [InlineData("Remove-ScimUser lena -Confirm:$false", "UserNotFound", "TravelPerk has no user with the id 'lena'. A userName has an @.")]
    [InlineData(
        "Set-ScimUser lena@contoso.com -Title Pilot",
        "UserNotFound",
        "TravelPerk has no user with the userName 'lena@contoso.com'."
    )]
    public void A_missing_user_is_named_as_id_or_userName(string command, string errorId, string message)
    {
        using var session = Session.WithSandbox();

        ErrorRecord error = session.Fail(command);

        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal($"{message} Get-ScimUser lists the users.", error.ToString());
    }

    [Fact]
    public void A_wrong_filter_is_refused_before_any_request()
    {
        using var session = Session.WithSandbox();

        Assert.StartsWith(
            "InvalidFilter,",
            session.Fail("Get-ScimUser -Filter 'userName is x'").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal(0L, session.Value<long>("$sandbox.RequestCount"));
    }

    [Fact]
    public void Set_changes_only_the_given_attributes_in_one_request()
    {
        using var session = Session.WithSandbox();
        session.Run($"$null = {Anna} -Title Engineer -MiddleName Maria -CostCenter Growth");

        Assert.Empty(session.Run("Set-ScimUser 1 -Title 'Lead' -MiddleName $null -NewUserName anna.berg@contoso.com"));

        Assert.Equal(
            "anna.berg@contoso.com Lead  Growth",
            session.Value<string>("Get-ScimUser 1 | ForEach-Object { $_.UserName, $_.Title, $_.MiddleName, $_.CostCenter -join ' ' }")
        );
        Assert.Single(session.Run("$sandbox.RequestLog | Where-Object Method -EQ PATCH"));
    }

    [Fact]
    public void Set_with_PassThru_writes_the_changed_user()
    {
        using var session = Session.WithSandbox("-Behavior PatchNoContent");
        session.Run("$null = " + Anna);

        Assert.Equal("Pilot", session.Value<string>("(Set-ScimUser anna@contoso.com -Title Pilot -PassThru).Title"));
    }

    [Fact]
    public void Of_a_piped_user_only_differences_are_sent()
    {
        using var session = Session.WithSandbox();
        session.Run($"$null = {Anna} -Title Engineer -DateOfBirth 1980-02-29 -InvoiceProfile X, Y");

        session.Run("Get-ScimUser 1 | Set-ScimUser");
        Assert.Empty(session.Run("$sandbox.RequestLog | Where-Object Method -EQ PATCH"));

        session.Run("Get-ScimUser 1 | Set-ScimUser -Title Pilot");
        Assert.Equal(
            "Pilot X,Y 1980-02-29",
            session.Value<string>("Get-ScimUser 1 | ForEach-Object { $_.Title, ($_.InvoiceProfiles -join ','), $_.DateOfBirth -join ' ' }")
        );
    }

    [Fact]
    public void Attributes_without_a_parameter_are_given_by_path()
    {
        using var session = Session.WithSandbox();
        session.Run(
            $$"""$null = {{Anna}} -Attribute @{ 'urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:gender' = 'F'; 'name.middleName' = 'Annie' }"""
        );

        Assert.Equal(
            "F Annie",
            session.Value<string>("Get-ScimUser 1 | ForEach-Object { $_.Gender, $_.GetValue('name.middleName') -join ' ' }")
        );
    }

    [Theory]
    [InlineData("-WorkPhone 12", "phoneNumbers")]
    [InlineData("-PreferredLanguage en-US", "preferredLanguage")]
    [InlineData("-Gender X", "gender")]
    [InlineData("-Attribute @{ title = @{ a = 1 } }", "title")]
    public void A_value_TravelPerk_would_refuse_is_found_before_sending(string arguments, string attribute)
    {
        using var session = Session.WithSandbox();

        ErrorRecord error = session.Fail($"{Anna} {arguments}");

        Assert.StartsWith("InvalidAttributeValue,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
        Assert.Contains("anna@contoso.com", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(attribute, error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(0L, session.Value<long>("$sandbox.RequestCount"));
    }

    [Fact]
    public void A_userName_that_is_taken_is_an_error_about_that_user()
    {
        using var session = Session.WithSandbox();
        session.Run("$null = " + Anna);

        ErrorRecord error = session.Fail(Anna);

        Assert.StartsWith("Conflict,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ResourceExists, error.CategoryInfo.Category);
        Assert.Equal("anna@contoso.com", error.TargetObject);
    }

    [Fact]
    public void Set_without_an_attribute_is_an_error_that_says_so()
    {
        using var session = Session.WithSandbox();
        Assert.StartsWith("NothingToChange,", session.Fail("Set-ScimUser 1").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("New-ScimUser b@contoso.com B Two -Manager anna@contoso.com -WhatIf")]
    [InlineData("Set-ScimUser anna@contoso.com -Title Pilot -PassThru -WhatIf")]
    [InlineData("Get-ScimUser | Remove-ScimUser -WhatIf")]
    [InlineData("Get-ScimUser | Remove-ScimUser -WhatIf -Confirm:$false")]
    public void WhatIf_writes_nothing(string command)
    {
        using var session = Session.WithSandbox();
        session.Run("$null = " + Anna);
        long writes = session.Value<long>("$sandbox.WriteCount");

        Assert.Empty(session.Run(command));

        Assert.Equal(writes, session.Value<long>("$sandbox.WriteCount"));
        Assert.Single(session.Run("$sandbox.RequestLog | Where-Object Method -NE GET"));
    }

    [Fact]
    public void Removing_asks_first_and_a_no_keeps_the_user()
    {
        CapturingHost host = new() { Answer = 2 };
        using Session session = new(host);
        session.Run($"$global:sandbox = Start-ScimSandbox; $sandbox | Connect-TravelPerk; $null = {Anna}");

        session.Run("Remove-ScimUser 1");
        Assert.Equal(1, host.Questions);
        Assert.Equal(1, session.Value<int>("$sandbox.UserCount"));

        host.Answer = 0;
        session.Run("Remove-ScimUser anna@contoso.com");
        Assert.Equal(0, session.Value<int>("$sandbox.UserCount"));
    }

    [Fact]
    public void Removing_a_missing_user_is_an_error()
    {
        using var session = Session.WithSandbox();
        Assert.StartsWith(
            "UserNotFound,",
            session.Fail("Remove-ScimUser 7 -Confirm:$false").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }
}
