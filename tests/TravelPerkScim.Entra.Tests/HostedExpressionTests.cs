using System.Globalization;
using System.Text.Json.Nodes;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Tests;

/// <summary>Expressions evaluated by the hosted job's service, beside our own engine.</summary>
public sealed class HostedExpressionTests
{
    private static readonly string[] s_attributes =
    [
        "IsSoftDeleted",
        "preferredLanguage",
        "extensionAttribute8",
        "extensionAttribute10",
        "extensionAttribute13",
    ];

    [Fact]
    public async Task Two_equal_engines_agree_on_every_expression_of_the_default_mapping()
    {
        await using var fixture = new HostedFixture();
        fixture.Service.Parse = OurEngine;
        SynchronizationSchema schema = SynchronizationSchema.Default;

        IReadOnlyList<MappingFinding> findings = await CompareAsync(
            fixture,
            schema,
            [
                ["False", "de-AT", "Maria", "F", "A;B"],
                ["True", "sv", "", null, "One"],
                [true, null, null, null, null],
            ]
        );

        Assert.Empty(findings);
        Assert.All(fixture.Writes(), write => Assert.EndsWith("/schema/parseExpression", write, StringComparison.Ordinal));
        // A user whose inputs are those of another one costs no request.
        int expressions = ExpressionCheck.Of(schema, out _).Count;
        Assert.InRange(fixture.Writes().Length, expressions, expressions * 3 - 1);
    }

    [Fact]
    public async Task The_request_has_the_form_of_the_reference()
    {
        await using var fixture = new HostedFixture();
        JsonNode? sent = null;
        fixture.Graph.Behavior.Intercept = request =>
        {
            if (request.Method == "POST" && request.Path.EndsWith("/parseExpression", StringComparison.Ordinal))
                sent = JsonNode.Parse(request.Body);
            return null;
        };
        SynchronizationSchema schema = Mapping(
            "title",
            "Join(\", \", [mail], [proxyAddresses], [manager], [accountEnabled], [employeeHireDate])"
        );

        await CompareAsync(
            fixture,
            schema,
            [],
            user =>
            {
                user.Values[user.Layout.SlotOf("proxyAddresses")] = new object?[] { "a@x.com", "b@x.com" };
                user.Values[user.Layout.SlotOf("manager")] = new SourceReference("m-1");
                user.Values[user.Layout.SlotOf("accountEnabled")] = true;
                user.Values[user.Layout.SlotOf("employeeHireDate")] = new DateTimeOffset(2024, 5, 31, 0, 0, 0, TimeSpan.Zero);
            }
        );

        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """
                    [
                      { "key": "proxyAddresses", "value@odata.type": "#Collection(String)", "value": ["a@x.com", "b@x.com"] },
                      { "key": "manager", "value": "m-1" },
                      { "key": "accountEnabled", "value": "True" },
                      { "key": "employeeHireDate", "value": "2024-05-31T00:00:00Z" }
                    ]
                    """
                ),
                sent!["testInputObject"]!["properties"]
            ),
            sent!.ToJsonString()
        );
        Assert.Equal(
            "Join(\", \", [mail], [proxyAddresses], [manager], [accountEnabled], [employeeHireDate])",
            (string?)sent["expression"]
        );
        var defined = (JsonArray)sent["testInputObject"]!["definition"]!["attributes"]!;
        Assert.Equal(
            ["objectId:String", "mail:String", "proxyAddresses:String", "manager:Reference", "accountEnabled:Boolean"],
            defined.Take(5).Select(one => $"{one!["name"]}:{one["type"]}")
        );
        Assert.Equal("objectId", (string?)Assert.Single(defined, one => (bool)one!["anchor"]!)!["name"]);
        Assert.Equal(
            ("title", "String"),
            ((string?)sent["targetAttributeDefinition"]!["name"], (string?)sent["targetAttributeDefinition"]!["type"])
        );
    }

    [Theory]
    [InlineData("ToUpper([jobTitle])", "title", "TITLE", null)]
    [InlineData("ToUpper([jobTitle])", "title", "Title", "the expression gives 'TITLE' here and 'Title' in Entra")]
    [InlineData("ToUpper([jobTitle])", "title", null, "the expression gives 'TITLE' here and no value in Entra")]
    [InlineData("ToUpper(Redact([jobTitle]))", "title", "other", "what the mapping redacts differs here and in Entra")]
    [InlineData("Not([IsSoftDeleted])", "active", "true", null)]
    [InlineData("Not([IsSoftDeleted])", "active", "false", "the expression gives 'True' here and 'false' in Entra")]
    [InlineData("Guid()", "title", "another", null)]
    public async Task A_difference_is_a_finding_with_both_results(string expression, string target, string? entra, string? told)
    {
        await using var fixture = new HostedFixture();
        fixture.Service.Parse = (_, _) => StandInSynchronization.Parsed(entra);

        IReadOnlyList<MappingFinding> findings = await CompareAsync(
            fixture,
            Mapping(target, expression),
            [],
            user =>
            {
                if (user.Layout.SlotOf("jobTitle") is var slot and >= 0)
                    user.Values[slot] = "Title";
                user.Values[user.Layout.SlotOf("IsSoftDeleted")] = false;
            },
            target
        );

        Assert.Equal(
            told is null ? [] : [$"EvaluatesDifferently {target}: For sample user 1 (id-1) {told}."],
            findings.Select(one => $"{one.FindingId} {one.TargetAttribute}: {one.Message}")
        );
        Assert.DoesNotContain(
            findings,
            one => expression.Contains("Redact", StringComparison.Ordinal) && one.ToString().Contains("TITLE", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task An_expression_that_one_engine_refuses_is_one_finding_and_one_that_both_refuse_is_none()
    {
        await using var fixture = new HostedFixture();
        fixture.Service.Parse = (expression, _) =>
            expression.StartsWith("Shorten", StringComparison.Ordinal)
                ? StandInSynchronization.Parsed("x")
                : StandInSynchronization.NotParsed("Unexpected token at position 3.");
        SynchronizationSchema schema = Mapping("title", "Trim([jobTitle])");
        Put(schema, "userType", "Shorten([jobTitle])");
        Put(schema, "name.familyName", "Lengthen([surname])");

        IReadOnlyList<MappingFinding> findings = await CompareAsync(fixture, schema, [], null, "title", "userType", "name.familyName");

        Assert.Equal(
            ["RefusedByEntra title", "OnlyEntraAccepts userType"],
            findings.Select(one => $"{one.FindingId} {one.TargetAttribute}")
        );
        Assert.Contains("Unexpected token at position 3. Write it otherwise", findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("Shorten", findings[1].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"parsingSucceeded":"yes"}""")]
    public async Task An_answer_that_says_nothing_is_an_error(string answer)
    {
        await using var fixture = new HostedFixture();
        fixture.Service.Parse = (_, _) => (JsonObject)JsonNode.Parse(answer)!;

        SourceException error = await Assert.ThrowsAsync<SourceException>(() =>
            CompareAsync(fixture, Mapping("title", "Trim([jobTitle])"), [], null)
        );

        Assert.Equal("EntraResponseInvalid", error.ErrorId);
    }

    [Fact]
    public async Task The_missing_permission_is_named_and_reading_the_job_is_not_enough()
    {
        await using var fixture = new HostedFixture();
        HostedJob job = await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), default);
        fixture.Graph.Behavior.Denied.Add("Synchronization.ReadWrite.All");
        ExpressionCheck expression = ExpressionCheck.Of(Mapping("title", "Trim([jobTitle])"), out _)[0];

        SourceException error = await Assert.ThrowsAsync<SourceException>(() =>
            new HostedExpressions(fixture.Entra, job).EvaluateAsync(expression, null, default)
        );

        Assert.Equal("EntraPermissionMissing", error.ErrorId);
        Assert.Contains("Synchronization.ReadWrite.All is missing, which evaluating expressions", error.Message, StringComparison.Ordinal);
    }

    private static SynchronizationSchema Mapping(string target, string expression)
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        Put(schema, target, expression);
        return schema;
    }

    private static void Put(SynchronizationSchema schema, string target, string expression)
    {
        AttributeMapping mapping = new(target) { Source = AttributeMappingSource.FromExpression(expression) };
        schema.UserMapping.Set(mapping);
    }

    /// <summary>Compares for users who have these values of <see cref="s_attributes"/>; none of them stands for one user without
    /// values.</summary>
    private static async Task<IReadOnlyList<MappingFinding>> CompareAsync(
        HostedFixture fixture,
        SynchronizationSchema schema,
        object?[][] users,
        Action<SourceObject>? change = null,
        params string[] only
    )
    {
        HostedJob job = await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), default);
        fixture.Graph.ForgetRequests();
        var hosted = new HostedExpressions(fixture.Entra, job);
        var findings = new List<MappingFinding>();
        IReadOnlyList<ExpressionCheck> expressions = ExpressionCheck.Of(schema, out SourceLayout layout);
        string[] wanted =
            only.Length > 0 ? only
            : users.Length > 0 ? []
            : ["title"];
        foreach (ExpressionCheck expression in expressions.Where(one => wanted.Length == 0 || wanted.Contains(one.TargetAttribute)))
        {
            for (int i = 0; i < Math.Max(users.Length, 1); i++)
            {
                var user = new SourceObject($"id-{i + 1}", layout);
                for (int n = 0; i < users.Length && n < s_attributes.Length; n++)
                    user.Values[layout.SlotOf(s_attributes[n])] = users[i][n];
                change?.Invoke(user);
                if (expression.Compare(user, i + 1, await hosted.EvaluateAsync(expression, user, default)) is { } finding)
                    findings.Add(finding);
            }
        }
        return findings;
    }

    private static JsonObject OurEngine(string text, IReadOnlyDictionary<string, JsonNode?>? properties)
    {
        CompiledExpression compiled = MappingExpression.Parse(text).Compile();
        var user = new SourceObject("", compiled.Layout);
        foreach ((string name, JsonNode? value) in properties ?? new Dictionary<string, JsonNode?>())
        {
            user.Values[compiled.Layout.SlotOf(name)] = value is JsonArray list
                ? list.Select(item => (object?)(string?)item).ToArray()
                : (string?)value;
        }
        return compiled.Evaluate(user) switch
        {
            null or IgnoredFlow => StandInSynchronization.Parsed(),
            IReadOnlyList<object?> list => StandInSynchronization.Parsed([
                .. list.Select(item => Convert.ToString(item, CultureInfo.InvariantCulture)),
            ]),
            var value => StandInSynchronization.Parsed(Convert.ToString(value, CultureInfo.InvariantCulture)),
        };
    }
}
