using System.Text.Json.Nodes;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Mapping.Compare;
using TravelPerkScim.Mapping.Schema;

namespace TravelPerkScim.Entra.Tests;

/// <summary>The mapping of the hosted job.</summary>
public sealed class HostedSchemaTests
{
    [Fact]
    public async Task A_schema_is_read_replaced_whole_and_reset()
    {
        await using var fixture = new HostedFixture();
        HostedJob job = await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), default);
        var schemas = new HostedSchemas(fixture.Entra);
        fixture.Service.Schema = fixture.Service.Schema.Replace(
            "{\n  \"id\"",
            "{\n  \"@odata.context\": \"https://graph.microsoft.com/v1.0/$metadata#schema\", \"id\"",
            StringComparison.Ordinal
        );
        string template = await schemas.ReadDefaultAsync(job, default);
        var changed = SynchronizationSchema.Parse(await schemas.ReadAsync(job, default));
        changed.UserMapping.Set(
            new AttributeMapping("title") { Source = AttributeMappingSource.FromConstant("Traveller"), OnInvalid = InvalidValueAction.Drop }
        );

        fixture.Graph.ForgetRequests();
        Assert.True(await schemas.WriteAsync(job, changed.ToJson(), default));
        string put = Assert.Single(fixture.Writes());
        Assert.False(await schemas.WriteAsync(job, changed.ToJson(), default));
        Assert.Single(fixture.Writes());

        Assert.StartsWith("PUT ", put, StringComparison.Ordinal);
        string saved = fixture.Service.Jobs[0].Schema!;
        Assert.DoesNotContain("travelPerkScim", saved, StringComparison.Ordinal);
        Assert.DoesNotContain("@odata.context", saved, StringComparison.Ordinal);
        Assert.Contains("Traveller", saved, StringComparison.Ordinal);
        await schemas.ResetAsync(job, default);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(template), JsonNode.Parse(await schemas.ReadAsync(job, default))));
    }

    [Fact]
    public async Task A_deeply_nested_expression_survives_the_way_there_and_back()
    {
        await using var fixture = new HostedFixture();
        HostedJob job = await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), default);
        var schemas = new HostedSchemas(fixture.Entra);
        var schema = SynchronizationSchema.Parse(await schemas.ReadAsync(job, default));
        string expression = string.Concat(Enumerable.Repeat("Trim(", 40)) + "[jobTitle]" + new string(')', 40);
        schema.UserMapping.Set(new AttributeMapping("title") { Source = AttributeMappingSource.FromExpression(expression) });

        await schemas.WriteAsync(job, schema.ToJson(), default);

        var back = SynchronizationSchema.Parse(await schemas.ReadAsync(job, default));
        Assert.Equal(expression, back.UserMapping.Find("title")!.Source!.ToString());
        Assert.Empty(MappingComparison.Compare(schema, back));
    }
}
