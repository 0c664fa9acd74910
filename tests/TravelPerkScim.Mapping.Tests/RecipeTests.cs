using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Mapping.Tests;

/// <summary>The recipes of about_TravelPerkScim_Expressions give what it says; each stands there as it stands here.</summary>
public sealed class RecipeTests
{
    private static readonly string s_topic = File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Data", "about_TravelPerkScim_Expressions.help.txt")
    );

    [Theory]
    [InlineData(
        "Replace([userPrincipalName], \"@contoso.onmicrosoft.com\", , , \"@contoso.com\", , )",
        "userPrincipalName",
        "ana@contoso.onmicrosoft.com",
        "ana@contoso.com"
    )]
    [InlineData(
        "Replace(Replace([telephoneNumber], , \"[^0-9+]\", , \"\", , ), , \"^00\", , \"+\", , )",
        "telephoneNumber",
        "00 34 (600) 123-456",
        "+34600123456"
    )]
    [InlineData(
        "Switch([usageLocation], \"en\", \"ES\", \"es\", \"MX\", \"es\", \"FR\", \"fr\", \"DE\", \"de\", \"AT\", \"de\")",
        "usageLocation",
        "AT",
        "de"
    )]
    [InlineData(
        "Switch([usageLocation], \"en\", \"ES\", \"es\", \"MX\", \"es\", \"FR\", \"fr\", \"DE\", \"de\", \"AT\", \"de\")",
        "usageLocation",
        null,
        "en"
    )]
    [InlineData(
        "IgnoreFlowIfNullOrEmpty(Switch(ToUpper([extensionAttribute10]), "
            + ", \"MALE\", \"M\", \"M\", \"M\", \"FEMALE\", \"F\", \"F\", \"F\"))",
        "extensionAttribute10",
        "Female",
        "F"
    )]
    [InlineData("Coalesce([employeeOrgData.costCenter], [department])", "department", "Buying", "Buying")]
    [InlineData(
        "IIF([department] = \"Sales\", \"Sales travel policy\", \"Standard travel policy\")",
        "department",
        "IT",
        "Standard travel policy"
    )]
    [InlineData(
        "FormatDateTime([employeeHireDate], , \"yyyy-MM-ddTHH:mm:ssZ\", \"yyyy/MM/dd\")",
        "employeeHireDate",
        "2024-05-31T00:00:00Z",
        "2024/05/31"
    )]
    public void A_recipe_of_the_topic(string expression, string attribute, string? value, string expected)
    {
        Assert.Contains(expression, s_topic, StringComparison.Ordinal);
        Assert.Equal(expected, Subject.Evaluate(expression, (attribute, value)));
    }

    [Fact]
    public void The_topic_names_every_function_with_its_signature()
    {
        foreach (Expressions.ExpressionFunction function in Expressions.ExpressionFunctions.All)
            Assert.Contains(function.Bare ? $" {function.Name} " : $" {function.Name}(", s_topic, StringComparison.Ordinal);
    }
}
