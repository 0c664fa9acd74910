using System.Globalization;
using System.Text;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>The mapping language as a user at a prompt meets it.</summary>
public sealed class MappingCommandTests : IDisposable
{
    private const string Graph = """
        $global:anna = [pscustomobject]@{
            id = '0A000000-0000-4000-8000-000000000001'; userPrincipalName = 'anna.berg@contoso.com'; givenName = 'Anna'; surname = 'Berg'; accountEnabled = $true
            mobilePhone = '+46 70 1740605'; businessPhones = @('+46 8 123456', '+46 8 999999'); officeLocation = 'Malmö'; preferredLanguage = 'de-DE'
            employeeOrgData = [pscustomobject]@{ costCenter = 'CC-7' }; manager = [pscustomobject]@{ id = 'm-1' }
            onPremisesExtensionAttributes = [pscustomobject]@{ extensionAttribute1 = 'ex1'; extensionAttribute10 = 'F' }
            employeeHireDate = [datetime]::new(2024, 5, 31, 0, 0, 0, [DateTimeKind]::Utc)
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("mapping-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("[mobile]", "+46 70 1740605")]
    [InlineData("[MOBILEPHONE]", "+46 70 1740605")]
    [InlineData("[telephoneNumber]", "+46 8 123456")]
    [InlineData("[businessPhones[0]]", "+46 8 123456")]
    [InlineData("Item([businessPhones], 2)", "+46 8 999999")]
    [InlineData("[physicalDeliveryOfficeName]", "Malmö")]
    [InlineData("[objectId]", "0a000000-0000-4000-8000-000000000001")]
    [InlineData("[employeeOrgData.costCenter]", "CC-7")]
    [InlineData("[extensionAttribute1]", "ex1")]
    [InlineData("[onPremisesExtensionAttributes.extensionAttribute1]", "ex1")]
    [InlineData("[manager]", "m-1")]
    [InlineData("FormatDateTime([employeeHireDate], , \"yyyy-MM-ddTHH:mm:ssZ\", \"yyyy/MM/dd\")", "2024/05/31")]
    [InlineData("Switch([IsSoftDeleted], , \"False\", \"on\", \"True\", \"off\")", "on")]
    public void An_attribute_is_found_by_its_names_on_either_side(string expression, string expected)
    {
        using Session session = new();
        session.Run(Graph);

        Assert.Equal(expected, session.Run("param($e) $anna | Resolve-ScimExpression $e", expression).Single().ToString());
    }

    [Theory]
    [InlineData("@{ X = 'a' }")]
    [InlineData("[pscustomobject]@{ x = 'a' }")]
    [InlineData("[pscustomobject]@{ AdditionalProperties = @{ x = 'a' } }")]
    [InlineData("[System.Collections.Generic.Dictionary[string,object]]::new() | ForEach-Object { $_['X'] = 'a'; $_ }")]
    public void Any_object_with_members_works(string input)
    {
        using Session session = new();
        Assert.Equal("ay", session.Value<string>($"$in = {input}; Resolve-ScimExpression 'Append([x],\"y\")' -InputObject $in"));
    }

    [Fact]
    public void One_value_is_written_for_each_input_and_a_bad_one_does_not_stop_the_others()
    {
        using Session session = new();
        Assert.Equal(
            ["1", null, "3"],
            session.Run("@{ n = 1 }, @{ m = 2 }, @{ n = 3 } | Resolve-ScimExpression '[n]'").Select(value => value?.ToString())
        );
        Assert.Equal(3L, session.Value<long>("(Resolve-ScimExpression 'Split([p], \";\")' @{ p = 'a;b;c' }).Count"));

        Assert.Equal(
            ["b"],
            session.TryRun("@{ p = 'a', 'b' }, @{ p = 'b' } | Resolve-ScimExpression 'ToLower([p])'").Select(value => value.ToString())
        );
        Assert.StartsWith("WrongArgumentType,", Assert.Single(session.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("column 9", session.Errors[0].Exception.Message, StringComparison.Ordinal);
        ErrorRecord unknown = session.Fail("1, 2, 3 | Resolve-ScimExpression 'Shorten([x])'");
        Assert.StartsWith("UnknownFunction,", unknown.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void IgnoreObjectFlow_is_an_answer_with_a_warning_and_Error_is_an_error()
    {
        using Session session = new();
        const string Ignoring =
            "@{ n = '1' }, @{ n = '2' } | Resolve-ScimExpression 'IIF([n] = \"1\", IgnoreObjectFlow, [n])' -WarningVariable told; ";
        const string Failing = "@{ m = '1' }, @{ n = '2' } | Resolve-ScimExpression 'Coalesce([n], Error(\"No number\"))'";
        const string Told = "IgnoreObjectFlow: the expression leaves the user alone in this cycle (column 16).";
        Assert.Equal([null, "2", Told], session.Run(Ignoring + "\"$told\"").Select(value => value?.ToString()));

        Assert.Equal(["2"], session.TryRun(Failing).Select(value => value.ToString()));
        ErrorRecord error = Assert.Single(session.Errors);
        Assert.StartsWith("ExpressionError,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("No number", error.Exception.Message);
    }

    [Fact]
    public void Every_step_of_an_expression_can_be_seen()
    {
        using Session session = new();
        Assert.Equal(
            ["[surname]=Lindqvist", "Left([surname], 3)=Lin", "ToUpper(Left([surname], 3))=LIN"],
            session
                .Run("Resolve-ScimExpression 'ToUpper(Left([surname], 3))' @{ surname = 'Lindqvist' } -Explain")
                .Select(step => $"{Text(step, "Expression")}={Text(step, "Value")}")
        );
    }

    [Fact]
    public void A_script_property_is_read_where_scripts_can_run()
    {
        using Session session = new();
        Assert.Equal(
            "A",
            session.Value<string>(
                "$o = [pscustomobject]@{ n = 'a' }; $o.PSObject.Properties.Add([psscriptproperty]::new('big', "
                    + "{ $this.n.ToUpperInvariant() })); $o | Resolve-ScimExpression '[big]'"
            )
        );
    }

    [Fact]
    public void A_source_object_becomes_the_user_that_a_create_would_send()
    {
        using Session session = new();
        session.Run(Graph);

        PSObject user = session.Run("$anna | ConvertTo-ScimUser").Single();

        Assert.Equal("TravelPerkScim.Scim.Resources.ScimUser", user.TypeNames[0]);
        Assert.Equal(
            ["anna.berg@contoso.com", "True", "Anna", "Berg", "de", "CC-7", "m-1", "F", "+46 8 123456"],
            new[]
            {
                "UserName",
                "Active",
                "GivenName",
                "FamilyName",
                "PreferredLanguage",
                "CostCenter",
                "ManagerId",
                "Gender",
                "WorkPhone",
            }.Select(name => Text(user, name))
        );
        Assert.Equal("False", session.Run("$anna.accountEnabled = $false; ($anna | ConvertTo-ScimUser).Active").Single().ToString());
    }

    [Fact]
    public void A_piped_object_is_read_as_a_file_is_and_a_value_of_another_kind_is_its_own_error()
    {
        using Session session = new();
        session.Run(
            Graph
                + "; $global:bad = @{ id = '1'; userPrincipalName = 'bad@contoso.com'; "
                + "givenName = \"a$([char]0xD800)b\" }, @{ id = '2'; "
                + "accountEnabled = '2025-03-01' }, @{ id = '3'; surname = @{ a = 1 } }"
        );

        Assert.Equal(
            "anna.berg@contoso.com",
            Text(session.TryRun("$bad[0], $bad[1], $bad[2], $anna | ConvertTo-ScimUser").Single(), "UserName")
        );
        Assert.Equal(3, session.Errors.Count);
        Assert.All(
            session.Errors,
            error => Assert.StartsWith("SourceValueInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal)
        );

        const string Guest =
            "@{ id = '4'; userPrincipalName = 'g_partner.com#EXT#@contoso.onmicrosoft.com'; "
            + "manager = '@{id=m-2}'; accountEnabled = ''; deletedDateTime = '' }";
        Assert.Equal("g@partner.com", session.Value<string>($"{Guest} | Resolve-ScimExpression '[userPrincipalName]'"));
        Assert.Equal(
            "g_partner.com#EXT#@contoso.onmicrosoft.com",
            session.Value<string>($"{Guest} | Resolve-ScimExpression '[originalUserPrincipalName]'")
        );
        Assert.Equal("m-2", session.Value<string>($"{Guest} | Resolve-ScimExpression '[manager]'"));
        Assert.Equal("False", session.Value<string>($"{Guest} | Resolve-ScimExpression '[IsSoftDeleted]'"));
        Assert.Contains(
            "holds the text of an object",
            session.Value<string>(
                "$null = @{ id = '5'; manager = 'System.Object[]' } | Resolve-ScimExpression "
                    + "'[manager]' -WarningVariable told -WarningAction SilentlyContinue; \"$told\""
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_user_that_TravelPerk_would_refuse_is_an_error_with_attribute_and_rule()
    {
        using Session session = new();
        session.Run(
            Graph
                + "; $global:bo = @{ userPrincipalName = 'bo@contoso.com'; givenName = 'Bo'; "
                + "surname = 'Ek'; accountEnabled = $true; businessPhones = @('call me') }"
        );

        Assert.Equal("anna.berg@contoso.com", Text(session.TryRun("$bo, $anna | ConvertTo-ScimUser").Single(), "UserName"));
        ErrorRecord error = Assert.Single(session.Errors);
        Assert.StartsWith("InvalidValue,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("bo@contoso.com", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("phone number with + and country code", error.Exception.Message, StringComparison.Ordinal);

        Assert.Equal(
            "False",
            session.Value<string>("$bo.accountEnabled = $false; ($bo | ConvertTo-ScimUser).Active; $bo.accountEnabled = $true")
        );
        PSObject[] explained = [.. session.Run("$bo | ConvertTo-ScimUser -Explain")];
        Assert.Equal(19, explained.Length);
        PSObject phone = Assert.Single(explained, attribute => Text(attribute, "Problem") is not null);
        Assert.Equal("phoneNumbers[type eq \"work\"].value", Text(phone, "TargetAttribute"));
        Assert.Contains(
            "[telephoneNumber] = call me",
            session.Run("param($p) $p.Inputs | ForEach-Object { \"$_\" }", phone).Select(input => input.ToString())
        );
    }

    [Fact]
    public void A_mapping_is_exported_changed_tried_tested_and_imported()
    {
        using Session session = WithJob();
        session.Run(
            "$null = Export-ScimMapping contoso new.json; Set-ScimMapping new.json title -Constant Boss; "
                + "Set-ScimScope new.json 'department EQUALS \"Sales\"'"
        );

        Assert.Equal("\"Boss\"", Text(session.Run("Get-ScimMapping new.json title").Single(), "Source"));
        Assert.Equal("[jobTitle]", Text(session.Run("Get-ScimMapping contoso title").Single(), "Source"));
        PSObject operation = session.Run("Get-ProvisioningPlan contoso -Mapping new.json").Single();
        Assert.Equal("sales@example.com", Text(operation, "Identity"));
        Assert.Empty(session.Run("Get-ScimScope contoso"));
        Assert.Empty(session.Run("Test-ScimMapping new.json | Where-Object Severity -NE Information"));

        session.Run("Import-ScimMapping new.json contoso -WhatIf");
        Assert.Empty(session.Run("Get-ScimScope contoso"));
        Assert.Equal(19, session.Run("Import-ScimMapping new.json contoso -PassThru").Count);
        Assert.Single(session.Run("Get-ScimScope contoso"));
    }

    [Fact]
    public void A_schema_comes_in_and_goes_out_to_the_byte()
    {
        using Session session = WithJob();
        string text = File.ReadAllText(Path.Combine(Repository.Root, "module", "default-mapping.json"));
        byte[] downloaded =
        [
            .. Encoding.Unicode.GetPreamble(),
            .. Encoding.Unicode.GetBytes(
                text.Replace(
                    "\"version\": \"1\",",
                    "\"version\": \"1\", /* Zoë */ \"unknownThing\": [1.50, null, {\"a\": \"\\u00e9\"}],",
                    StringComparison.Ordinal
                )
            ),
        ];
        File.WriteAllBytes(Path.Combine(_folder, "schema.json"), downloaded);

        session.Run("Import-ScimMapping schema.json contoso; $null = Export-ScimMapping contoso out.json");
        Assert.Equal(downloaded, File.ReadAllBytes(Path.Combine(_folder, "contoso", "mapping.json")));
        Assert.Equal(downloaded, File.ReadAllBytes(Path.Combine(_folder, "out.json")));

        session.Run("Set-ScimMapping contoso title -Constant Boss");
        Assert.Contains("1.50", File.ReadAllText(Path.Combine(_folder, "contoso", "mapping.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_of_a_mapping_names_its_file()
    {
        using Session session = WithJob();
        string file = Path.Combine(_folder, "contoso", "mapping.json");
        File.WriteAllText(file, "{ nonsense");

        foreach (
            string command in new[]
            {
                "Get-ScimMapping contoso",
                "Set-ScimMapping contoso title -Constant x",
                "Get-ProvisioningPlan contoso",
            }
        )
        {
            Assert.StartsWith($"{file}: The mapping is not JSON", session.Fail(command).ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Swapped_arguments_of_an_import_are_named()
    {
        using Session session = WithJob();
        session.Run("Export-ScimMapping contoso m.json");

        ErrorRecord error = session.Fail("Import-ScimMapping contoso m.json");

        Assert.StartsWith("JobNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.EndsWith("Give the file first: Import-ScimMapping 'm.json' -Job 'contoso'.", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Control_characters_of_a_filter_are_escaped_in_the_exception_too()
    {
        using Session session = WithJob();

        ErrorRecord error = session.Fail("Set-ScimScope contoso \"depart$([char]27)[31mment EQUALS 'Sales'\"");

        Assert.Contains("depart\\u001b[31mment", error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error.Exception.ToString());
    }

    [Fact]
    public void A_wrong_schema_is_refused_and_all_its_errors_are_listed()
    {
        using Session session = WithJob();
        byte[] before = File.ReadAllBytes(Path.Combine(_folder, "contoso", "mapping.json"));
        File.WriteAllText(
            Path.Combine(_folder, "bad.json"),
            File.ReadAllText(Path.Combine(_folder, "contoso", "mapping.json"))
                .Replace("[jobTitle]", "[shoeSize]", StringComparison.Ordinal)
                .Replace("[surname]", "Shorten([surname])", StringComparison.Ordinal)
        );

        PSObject[] findings = [.. session.Run("Test-ScimMapping bad.json | Where-Object Severity -NE Information")];
        Assert.Equal(
            [("UnknownFunction", "name.familyName", "1"), ("UnknownSourceAttribute", "title", "1")],
            findings.Select(f => (Text(f, "FindingId"), Text(f, "TargetAttribute"), Text(f, "Column"))).Order()
        );
        Assert.All(findings, finding => Assert.Equal("Error", Text(finding, "Severity")));
        ErrorRecord error = session.Fail("Import-ScimMapping bad.json contoso");
        Assert.StartsWith("Unknown", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Test-ScimMapping", error.Exception.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "MappingSchemaInvalid,",
            session.Fail("Import-ScimMapping users.json contoso").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "MappingNotFound,",
            session.Fail("Import-ScimMapping nothing.json contoso").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(_folder, "contoso", "mapping.json")));
    }

    [Fact]
    public void A_schema_of_another_application_is_one_finding_and_the_reason_of_the_refusal()
    {
        using Session session = WithJob();
        File.WriteAllText(
            Path.Combine(_folder, "ad.json"),
            File.ReadAllText(Path.Combine(_folder, "contoso", "mapping.json"))
                .Replace("DirectoryName\": \"TravelPerk\"", "DirectoryName\": \"Active Directory\"", StringComparison.Ordinal)
                .Replace("extension:travelperk:2.0:User:", "extension:ad:2.0:User:", StringComparison.Ordinal)
                .Replace("\"targetAttributeName\": \"userName\"", "\"targetAttributeName\": \"sAMAccountName\"", StringComparison.Ordinal)
        );

        PSObject finding = Assert.Single(session.Run("Test-ScimMapping ad.json"));

        Assert.Equal(("Error", "OtherApplication"), (Text(finding, "Severity"), Text(finding, "FindingId")));
        ErrorRecord refusal = session.Fail("Import-ScimMapping ad.json contoso");
        Assert.Contains("to 'Active Directory'", refusal.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_TravelPerk_refuses_and_unknown_attributes_are_found()
    {
        using Session session = WithJob();
        session.Run("$null = Export-ScimMapping -Default -Path m.json; Set-ScimMapping m.json preferredLanguage -Constant it");
        Assert.Equal(
            ("Warning", "ConstantRefused"),
            session
                .Run("Test-ScimMapping m.json | Where-Object Severity -NE Information")
                .Select(f => (Text(f, "Severity"), Text(f, "FindingId")))
                .Single()
        );
        Assert.All(session.Run("Test-ScimMapping -Default"), finding => Assert.Equal("ValueMayBeRefused", Text(finding, "FindingId")));

        File.WriteAllText(
            Path.Combine(_folder, "m.json"),
            File.ReadAllText(Path.Combine(_folder, "m.json"))
                .Replace("\"it\"", "\"es\"", StringComparison.Ordinal)
                .Replace("\"type\": \"Reference\"", "\"type\": \"String\"", StringComparison.Ordinal)
        );
        Assert.Contains("TargetTypeDiffers", session.Run("Test-ScimMapping m.json").Select(f => Text(f, "FindingId")));
    }

    [Fact]
    public void The_target_is_asked_only_with_Discover()
    {
        using Session session = WithJob();
        session.Run("$global:sandbox = Start-ScimSandbox; $sandbox | Connect-TravelPerk");
        long requests = session.Value<long>("$sandbox.RequestCount");

        Assert.Empty(session.Run("Test-ScimMapping contoso | Where-Object Severity -NE Information"));
        Assert.Equal(requests, session.Value<long>("$sandbox.RequestCount"));
        Assert.Empty(session.Run("Test-ScimMapping contoso -Discover | Where-Object Severity -NE Information"));
        Assert.True(session.Value<long>("$sandbox.RequestCount") > requests);
        Assert.StartsWith(
            "NotConnected,",
            session.Fail("Disconnect-TravelPerk; Test-ScimMapping contoso -Discover").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Mappings_are_removed_except_required_ones()
    {
        using Session session = WithJob();
        session.Run(
            "Remove-ScimMapping contoso title -Confirm:$false; "
                + "Get-ScimMapping contoso *emergencyContact* | Remove-ScimMapping -Confirm:$false"
        );
        Assert.Equal(16, session.Run("Get-ScimMapping contoso").Count);

        foreach (
            (string target, string id) in new[]
            {
                ("userName", "NoMatchingAttribute"),
                ("name.givenName", "RequiredAttributeNotMapped"),
                ("title", "MappingNotFound"),
            }
        )
        {
            Assert.StartsWith(
                id + ",",
                session.Fail($"Remove-ScimMapping contoso {target} -Confirm:$false").FullyQualifiedErrorId,
                StringComparison.Ordinal
            );
        }
        session.Run("Remove-ScimMapping contoso locale -WhatIf");
        Assert.Equal(16, session.Run("Get-ScimMapping contoso").Count);
    }

    [Fact]
    public void An_attribute_of_an_extension_has_a_short_name()
    {
        using Session session = WithJob();
        session.Run("Set-ScimMapping contoso costcenter -SourceAttribute department; Remove-ScimMapping contoso gender -Confirm:$false");

        PSObject mapping = session.Run("Get-ScimMapping contoso costCenter, gender").Single();
        Assert.Equal(
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter", "[department]"),
            (Text(mapping, "TargetAttribute"), Text(mapping, "Source"))
        );
    }

    [Theory]
    [InlineData("Mapping")]
    [InlineData("Scope")]
    public void Every_recipe_of_the_topic_works(string topic)
    {
        using Session session = WithJob();
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "en-US", $"about_TravelPerkScim_{topic}.help.txt"));
        string[] recipes =
        [
            .. lines
                .Select((line, i) => (line, i))
                .Where(at =>
                    at.line.StartsWith("        Set-Scim", StringComparison.Ordinal) && at.line.Contains("./", StringComparison.Ordinal)
                )
                .Select(at => at.line.EndsWith('`') ? at.line + "\n" + lines[at.i + 1] : at.line),
        ];

        Assert.True(recipes.Length > 6, $"{recipes.Length} recipes");
        foreach (string recipe in recipes)
        {
            session.Run(
                recipe
                    .Replace("./contoso", "contoso", StringComparison.Ordinal)
                    .Replace("./other", "contoso", StringComparison.Ordinal)
                    .Replace("./new.json", "contoso/mapping.json", StringComparison.Ordinal)
            );
        }
        Assert.Empty(session.Run("Test-ScimMapping contoso | Where-Object Severity -NE Information"));
    }

    [Fact]
    public void A_file_is_kept_with_NoClobber_and_overwritten_without()
    {
        using Session session = WithJob();
        File.WriteAllText(Path.Combine(_folder, "there.json"), "mine");

        Assert.StartsWith(
            "NoClobber,",
            session.Fail("Export-ScimMapping contoso there.json -NoClobber").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        session.Run("Export-ScimMapping contoso there.json -WhatIf");
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_folder, "there.json")));
        Assert.Equal("there.json", Text(session.Run("Export-ScimMapping contoso there.json -PassThru").Single(), "Name"));
        Assert.Equal(19, session.Run("Get-ScimMapping there.json").Count);
        Assert.StartsWith(
            "MappingUnwritable,",
            session.Fail("Export-ScimMapping contoso no/such/folder.json").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_scope_is_set_shown_copied_and_cleared()
    {
        using Session session = WithJob();
        PSObject[] set =
        [
            .. session.Run(
                "Set-ScimScope contoso '\"Sales people\": department equals Sales, Buying "
                    + "and accountEnabled is true', 'jobTitle REGEX MATCH \"^Chief \"' -PassThru"
            ),
        ];

        Assert.Equal(
            ["\"Sales people\": department EQUALS \"Sales\", \"Buying\" AND accountEnabled IS TRUE", "jobTitle REGEX MATCH \"^Chief \""],
            set.Select(scope => Text(scope, "Filter"))
        );
        Assert.Equal("Sales people", Text(set[0], "Name"));
        PSObject clause = session.Run("(Get-ScimScope contoso).Clause").First();
        Assert.Equal(
            ("department", "EQUALS", "Sales Buying"),
            (
                Text(clause, "SourceAttribute"),
                Text(clause, "Operator"),
                session.Value<string>("\"$((Get-ScimScope contoso)[0].Clause[0].Value)\"")
            )
        );
        Assert.Contains("\"groups\"", File.ReadAllText(Path.Combine(_folder, "contoso", "mapping.json")), StringComparison.Ordinal);

        session.Run(
            "$null = Export-ScimMapping -Default -Path other.json; "
                + "Set-ScimScope other.json -Filter (Get-ScimScope contoso).Filter; "
                + "Set-ScimScope other.json 'country IS NOT NULL' -InputFilter"
        );
        Assert.Equal(
            [("Scope", 2), ("InputFilter", 1)],
            session.Run("Get-ScimScope other.json").GroupBy(scope => Text(scope, "Kind")!).Select(kind => (kind.Key, kind.Count()))
        );
        session.Run("Set-ScimScope other.json -Clear");
        Assert.Equal("InputFilter", Text(session.Run("Get-ScimScope other.json").Single(), "Kind"));
        session.Run("Set-ScimScope contoso -Clear -WhatIf");
        Assert.Equal(2, session.Run("Get-ScimScope contoso").Count);
    }

    [Theory]
    [InlineData("department -eq \"Sales\"", "UnknownScopeOperator", "column 12")]
    [InlineData("department EQUALS", "ScopeFilterSyntax", "column 18")]
    [InlineData("manager IS NULL", "ScopeClauseInvalid", "column 1")]
    [InlineData("shoeSize IS NULL", "UnknownSourceAttribute", "column 1")]
    [InlineData("accountEnabled EQUALS \"yes\"", "ScopeClauseInvalid", "IS TRUE")]
    [InlineData("mail REGEX MATCH \"(\"", "ScopeClauseInvalid", "regular expression")]
    public void A_wrong_filter_is_refused_when_it_is_set(string filter, string errorId, string hint)
    {
        using Session session = WithJob();
        byte[] before = File.ReadAllBytes(Path.Combine(_folder, "contoso", "mapping.json"));

        ErrorRecord error = session.Fail("param($f) Set-ScimScope contoso $f", filter);

        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(hint, error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(_folder, "contoso", "mapping.json")));
    }

    [Fact]
    public void Leaving_a_scope_disables_and_leaving_an_input_filter_does_not_and_links_are_kept()
    {
        using Session session = WithJob();
        session.Run(
            "$global:sandbox = Start-ScimSandbox; $sandbox | Connect-TravelPerk; "
                + "Set-ProvisioningJob contoso -Target $sandbox.BaseUri -DeleteThresholdShare 1; $null = Invoke-Provisioning contoso"
        );

        session.Run("Set-ScimScope contoso 'department EQUALS \"Sales\"' -InputFilter");
        Assert.Empty(session.Run("Get-ProvisioningPlan contoso"));
        session.Run("Set-ScimScope contoso -Clear -InputFilter; Set-ScimScope contoso 'department EQUALS \"Sales\"'");
        PSObject leaving = session.Run("Get-ProvisioningPlan contoso").Single();
        Assert.Equal(("Disable", "it@example.com"), (Text(leaving, "Action"), Text(leaving, "Identity")));
        session.Run("$null = Invoke-Provisioning contoso");
        Assert.Equal("Initial", session.Value<string>("(Get-ProvisioningStatus contoso).LastCycle.Kind"));
        session.Run("Set-ScimScope contoso -Clear");
        Assert.Equal("Enable", Text(session.Run("Get-ProvisioningPlan contoso").Single(), "Action"));
    }

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    [InlineData("")]
    public void Results_are_the_same_in_every_culture(string culture)
    {
        using Session session = new();
        session.Run(Graph);
        const string Script =
            "param($c) [cultureinfo]::CurrentCulture = $c; ($anna | ConvertTo-ScimUser).Resource.ToJsonString(); "
            + "@{ TITLE = 'i'; n = 1.5 } | Resolve-ScimExpression 'Join(\"\", ToUpper([title]), [n])'";

        string[] here = [.. session.Run(Script, CultureInfo.GetCultureInfo(culture)).Select(value => value.ToString())];

        Assert.Equal("I1.5", here[1]);
        Assert.Equal([.. session.Run(Script, CultureInfo.InvariantCulture).Select(value => value.ToString())], here);
    }

    private static string? Text(PSObject value, string property) => value.Properties[property]?.Value?.ToString();

    private Session WithJob()
    {
        File.WriteAllText(
            Path.Combine(_folder, "users.json"),
            """
            [{"id":"00000000-0000-4000-8000-000000000001","userPrincipalName":"sales@example.com","givenName":"Sara","surname":"Ek","accountEnabled":true,"department":"Sales","jobTitle":"Seller"},
             {"id":"00000000-0000-4000-8000-000000000002","userPrincipalName":"it@example.com","givenName":"Ivo","surname":"Ek","accountEnabled":true,"department":"IT","jobTitle":"Developer"}]
            """
        );
        var session = Session.WithSandbox();
        session.Run(
            "param($folder) $null = $ExecutionContext.SessionState.Path.SetLocation($folder); "
                + "$null = New-ProvisioningJob contoso users.json",
            _folder
        );
        return session;
    }
}
