using System.Management.Automation.Language;

namespace TravelPerkScim.PowerShell.Tests;

public class ImportTests
{
    private const string Commands = "Get-Command -Module TravelPerkScim | ForEach-Object Name";

    [Fact]
    public void Exported_commands_are_those_of_the_manifest()
    {
        using Session session = new();

        Assert.Equal(ManifestCmdlets(), session.Run(Commands).Select(name => (string)name.BaseObject).Order());
    }

    [Fact]
    public void Importing_by_force_keeps_every_command()
    {
        using Session session = new();

        session.Run("param($m) Import-Module $m -Force; Import-Module $m -Force; Import-Module $m -Force", Repository.Manifest);

        Assert.Equal(ManifestCmdlets(), session.Run(Commands).Select(name => (string)name.BaseObject).Order());
        Assert.Empty(session.Run("Get-TravelPerkConnection"));
    }

    [Fact]
    public void Removing_the_module_removes_its_commands_and_importing_it_again_restores_them()
    {
        using Session session = new();

        session.Run("Remove-Module TravelPerkScim");
        Assert.Equal("CommandNotFoundException", session.Fail("Get-TravelPerkConnection").FullyQualifiedErrorId);

        session.Run("param($m) Import-Module $m", Repository.Manifest);
        Assert.Empty(session.Run("Get-TravelPerkConnection"));
    }

    [Fact]
    public void Removing_stops_the_sandboxes_and_forgets_the_connection()
    {
        using var session = Session.WithSandbox();
        session.Run("$global:kept = Get-TravelPerkConnection");

        session.Run("param($m) Remove-Module TravelPerkScim; Import-Module $m", Repository.Manifest);

        Assert.Empty(session.Run("Get-TravelPerkConnection"));
        Assert.Empty(session.Run("Get-ScimSandbox"));
        using System.Net.Sockets.TcpClient client = new();
        int port = session.Value<int>("$sandbox.BaseUri.Port");
        Assert.Throws<System.Net.Sockets.SocketException>(() => client.Connect("127.0.0.1", port));
    }

    [Fact]
    public async Task Importing_loads_neither_network_nor_database()
    {
        ChildHost.Result result = await ChildHost.RunAsync(
            "-Command",
            "[System.AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName().Name }"
        );

        string[] loaded = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("TravelPerkScim.PowerShell", loaded);
        Assert.DoesNotContain(
            loaded,
            name => name.StartsWith("SQLitePCL", StringComparison.Ordinal) || name is "Microsoft.Data.Sqlite" or "CsvHelper"
        );
        Assert.DoesNotContain(loaded, name => name is "Npgsql" or "TravelPerkScim.Postgres" or "Microsoft.Extensions.Logging.Abstractions");
        Assert.DoesNotContain(
            loaded,
            name => name is "System.Net.Requests" or "System.Net.NameResolution" or "System.Net.Security" or "TravelPerkScim.Sandbox"
        );
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Neither_Graph_nor_PostgreSQL_is_loaded_before_a_command_uses_it()
    {
        string folder = Directory.CreateTempSubdirectory("lazy-").FullName;
        File.WriteAllText(
            Path.Combine(folder, "users.csv"),
            "userPrincipalName,id,givenName,surname,accountEnabled\nanna@example.com,00000000-0000-4000-8000-000000000001,Anna,Berg,true\n"
        );

        ChildHost.Result result = await ChildHost.RunAsync(
            start => start.Environment["FOLDER"] = folder,
            "-Command",
            """
            function Loaded($when) {
                [System.AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName().Name } |
                    Where-Object { $_ -in 'TravelPerkScim.Entra', 'TravelPerkScim.Postgres', 'Npgsql' -or $_ -like 'Microsoft.Graph*' -or $_ -like 'Azure.*' -or $_ -like 'Microsoft.Identity*' -or $_ -like 'Microsoft.Kiota*' } |
                    ForEach-Object { "$when $_" }
            }
            $null = Get-Command -Module TravelPerkScim | ForEach-Object { $_.Parameters.Values.ParameterType; $_.OutputType.Type; Get-Help $_.Name -Full }
            Start-ScimSandbox | Connect-TravelPerk
            $null = New-ProvisioningJob "$env:FOLDER/job" "$env:FOLDER/users.csv"
            $null = Set-ProvisioningJob "$env:FOLDER/job" -Concurrency 2 -PassThru
            $null = Test-ScimMapping "$env:FOLDER/job"
            'planned ' + @(Get-ProvisioningPlan "$env:FOLDER/job").Count
            'would do ' + @(Invoke-Provisioning "$env:FOLDER/job" -WhatIf 6>$null).Count
            'done ' + @(Invoke-Provisioning "$env:FOLDER/job").Count
            Get-EntraDirectoryConnection; Disconnect-EntraDirectory
            Loaded before
            $token = [securestring]::new(); 'opaque'.ToCharArray() | ForEach-Object { $token.AppendChar($_) }
            Connect-EntraDirectory -AccessToken $token
            Loaded after
            """
        );
        Directory.Delete(folder, recursive: true);

        Assert.Equal("", result.Error);
        Assert.Contains("planned 1\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("would do 1\ndone 1\n", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("before ", result.Output, StringComparison.Ordinal);
        Assert.Contains("after TravelPerkScim.Entra\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("after Microsoft.Graph\n", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("after Npgsql\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Microsoft_Graph_has_only_the_members_that_are_used()
    {
        // The package's own assembly has 48 MB.
        Assert.InRange(new FileInfo(Path.Combine(Repository.ModuleBin, "Microsoft.Graph.dll")).Length, 1, 200_000);
    }

    [Fact]
    public async Task A_second_copy_is_one_error_that_names_both_and_the_way_out()
    {
        string copy = Directory.CreateTempSubdirectory("copy-").FullName;
        string module = Path.Combine(copy, "module");
        Directory.CreateDirectory(Path.Combine(module, "bin"));
        string[] parts =
        [
            "TravelPerkScim.psd1",
            .. Directory
                .GetFiles(Path.Combine(Repository.Root, "module"), "*.ps*")
                .Select(path => Path.Combine("module", Path.GetFileName(path))),
            "module/bin/TravelPerkScim.Loader.dll",
        ];
        foreach (string part in parts)
            File.Copy(Path.Combine(Repository.Root, part), Path.Combine(copy, part));

        ChildHost.Result result = await ChildHost.RunAsync(
            start => start.Environment["COPY"] = copy,
            "-Command",
            """
            $error.Clear()
            try { Import-Module "$env:COPY/TravelPerkScim.psd1" } catch { $problem = $_ }
            $error.Count
            $problem.FullyQualifiedErrorId
            "$problem"
            (Get-Command -Module TravelPerkScim).Count -gt 30
            """
        );
        Directory.Delete(copy, recursive: true);

        string[] lines = result.Output.Split('\n');
        Assert.Equal("1", lines[0]);
        Assert.StartsWith("AnotherCopyLoaded", lines[1], StringComparison.Ordinal);
        Assert.Contains($"'{Repository.Root.TrimEnd(Path.DirectorySeparatorChar)}'", lines[2], StringComparison.Ordinal);
        Assert.Contains($"'{copy}'", lines[2], StringComparison.Ordinal);
        Assert.Contains("start a new PowerShell session", lines[2], StringComparison.Ordinal);
        Assert.Equal("True", lines[3]);
    }

    private static IEnumerable<string> ManifestCmdlets()
    {
        ScriptBlockAst manifest = Parser.ParseFile(Repository.Manifest, out _, out _);
        var table = (System.Collections.Hashtable)
            ((HashtableAst)manifest.Find(ast => ast is HashtableAst, searchNestedScriptBlocks: false)!).SafeGetValue();
        return ((object[])table["CmdletsToExport"]!).Cast<string>().Order();
    }
}
