using System.Management.Automation.Language;

namespace TravelPerkScim.PowerShell.Tests;

public class ScriptTests
{
    public static TheoryData<string> Scripts =>
        [
            .. new[] { "*.ps1", "*.psm1", "*.psd1" }
                .SelectMany(pattern => Directory.EnumerateFiles(Repository.Root, pattern, SearchOption.AllDirectories))
                .Select(path => Path.GetRelativePath(Repository.Root, path))
                // A template is no script before it is exported, and what is exported is parsed then.
                .Where(path =>
                    !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "artifacts" or ".git" or "Templates")
                ),
        ];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Every_script_parses(string path)
    {
        Parser.ParseFile(Path.Combine(Repository.Root, path), out _, out ParseError[] errors);
        Assert.Empty(errors.Select(error => $"{error.Extent.StartLineNumber}: {error.Message}"));
    }

    [Theory]
    [InlineData("module/TravelPerkScim.psm1")]
    [InlineData("module/demo/first-cycle.ps1")]
    public void What_the_host_runs_needs_no_command_that_only_pwsh_has(string path)
    {
        using Session session = new();
        ScriptBlockAst script = Parser.ParseFile(Path.Combine(Repository.Root, path), out _, out _);

        HashSet<string> own =
        [
            .. script
                .FindAll(ast => ast is FunctionDefinitionAst, searchNestedScriptBlocks: true)
                .Select(ast => ((FunctionDefinitionAst)ast).Name),
        ];
        string[] commands =
        [
            .. script
                .FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true)
                .Select(ast => ((CommandAst)ast).GetCommandName())
                .OfType<string>()
                .Except(own),
        ];

        Assert.NotEmpty(commands);
        Assert.All(commands, name => Assert.Single(session.Run("param($name) Get-Command $name", name)));
    }
}
