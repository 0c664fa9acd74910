namespace TravelPerkScim.PowerShell.Tests;

public class HelpTests
{
    [Theory]
    [MemberData(nameof(CommandShapeTests.CmdletNames), MemberType = typeof(CommandShapeTests))]
    public void Every_command_is_explained(string name)
    {
        Session session = Session.Shared;
        PSObject help = Assert.Single(session.Run("param($name) Get-Help $name -Full", name));

        string synopsis = help.Properties["Synopsis"].Value.ToString()!;
        Assert.False(string.IsNullOrWhiteSpace(synopsis) || synopsis.Contains(name + " [", StringComparison.Ordinal), "no synopsis");
        Assert.NotEmpty(Texts(help.Properties["description"].Value));
        PSObject[] examples = Each(((PSObject)help.Properties["examples"].Value).Properties["example"].Value);
        Assert.NotEmpty(examples);
        Assert.All(
            examples,
            example =>
            {
                Assert.Matches("^-+ Example [0-9]+: .+ -+$", example.Properties["title"].Value.ToString()!);
                Assert.NotEmpty(example.Properties["code"].Value.ToString()!);
                Assert.NotEmpty(Texts(example.Properties["remarks"].Value));
            }
        );
    }

    [Theory]
    [MemberData(nameof(CommandShapeTests.CmdletNames), MemberType = typeof(CommandShapeTests))]
    public void Every_parameter_is_explained_and_none_that_is_not_there(string name)
    {
        Session session = Session.Shared;
        string[] actual =
        [
            .. CommandShapeTests
                .Cmdlets(session)
                .Single(cmdlet => cmdlet.Name == name)
                .Parameters.Keys.Except(Cmdlet.CommonParameters)
                .Order(),
        ];
        PSObject help = Assert.Single(session.Run("param($name) Get-Help $name -Full", name));

        PSObject[] explained =
            help.Properties["parameters"].Value is PSObject parameters && parameters.Properties["parameter"] is { } list
                ? Each(list.Value)
                : [];

        Assert.Equal(actual, explained.Select(parameter => parameter.Properties["name"].Value.ToString()!).Order());
        Assert.All(explained, parameter => Assert.NotEmpty(Texts(parameter.Properties["description"].Value)));
    }

    [Fact]
    public void Help_says_that_copies_of_a_secret_stay_in_memory()
    {
        Session session = Session.Shared;
        const string Told = "copies stay in the memory of the process";
        Assert.Contains(Told, session.Value<string>("Get-Help about_TravelPerkScim_Connections"), StringComparison.Ordinal);
        Assert.Contains(Told, session.Value<string>("(Get-Help Connect-TravelPerk).description.Text -join ' '"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_example_keeps_the_indentation_of_its_lines()
    {
        string code = Session.Shared.Value<string>(
            "(Get-Help Start-ScimSandbox).examples.example.code | Where-Object { $_ -like '*BeforeAll*' }"
        );

        Assert.StartsWith(
            "Describe 'Our mapping' {\n    BeforeAll {\n        Start-ScimSandbox | Connect-TravelPerk\n",
            code,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void About_topics_are_found()
    {
        Session session = Session.Shared;
        Assert.Contains("Connect-TravelPerk", session.Value<string>("Get-Help about_TravelPerkScim_Connections"), StringComparison.Ordinal);
    }

    private static PSObject[] Each(object? value) =>
        [
            .. LanguagePrimitives.GetEnumerable(value)?.Cast<object>().Select(PSObject.AsPSObject)
                ?? (value is null ? [] : [PSObject.AsPSObject(value)]),
        ];

    private static string[] Texts(object? paragraphs) =>
        [
            .. Each(paragraphs)
                .Select(paragraph => paragraph.Properties["Text"]?.Value?.ToString()?.Trim() ?? "")
                .Where(text => text.Length > 0),
        ];
}
