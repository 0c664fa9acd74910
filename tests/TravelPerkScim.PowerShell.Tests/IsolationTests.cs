using System.Reflection;
using System.Reflection.Emit;

namespace TravelPerkScim.PowerShell.Tests;

public sealed class IsolationTests : IDisposable
{
    private static readonly string[] s_planted =
    [
        "System.Text.Json",
        "Microsoft.Identity.Client",
        "CsvHelper",
        "Microsoft.Data.Sqlite",
        "Npgsql",
        "Azure.Identity",
        "Azure.Core",
        "Microsoft.Graph",
        "Microsoft.Graph.Core",
        "Microsoft.Kiota.Abstractions",
        "Microsoft.Kiota.Authentication.Azure",
        "Microsoft.Kiota.Http.HttpClientLibrary",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("isolation");

    [Fact]
    public async Task Older_assemblies_that_the_session_loaded_first_do_no_harm()
    {
        string[] stubs = [.. s_planted.Select(PlantStub)];
        string hook = WriteStartupHook(stubs);

        ChildHost.Result result = await ChildHost.RunAsync(
            start => start.Environment["DOTNET_STARTUP_HOOKS"] = hook,
            "-Command",
            """
            $context = [System.Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ TravelPerkScim
            [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | Where-Object { $_.GetName().Version -eq '1.0.0.1' } | ForEach-Object { 'planted ' + $_.GetName().Name }
            Start-ScimSandbox | Connect-TravelPerk
            'created ' + (New-ScimUser -UserName anna@contoso.com -GivenName Anna -FamilyName Berg).UserName
            'listed ' + @(Get-ScimUser).Count
            $states = $context.LoadFromAssemblyName([System.Reflection.AssemblyName]::new('TravelPerkScim.Postgres')).GetType('TravelPerkScim.Postgres.SharedStates')
            'states in the ' + $states::At('Host=db.contoso.com;Database=perk')
            'CsvHelper', 'Microsoft.Data.Sqlite', 'Npgsql' | ForEach-Object { 'ours ' + $context.LoadFromAssemblyName([System.Reflection.AssemblyName]::new($_)).Location }
            """
        );

        Assert.Equal("", result.Error);
        Assert.Contains("planted Microsoft.Identity.Client\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("planted CsvHelper\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("created anna@contoso.com\nlisted 1\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("states in the database perk on db.contoso.com\n", result.Output, StringComparison.Ordinal);
        string[] ours = ["CsvHelper.dll", "Microsoft.Data.Sqlite.dll", "Npgsql.dll"];
        Assert.All(
            ours,
            file => Assert.Contains($"ours {Path.Combine(Repository.ModuleBin, file)}\n", result.Output, StringComparison.Ordinal)
        );
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Older_assemblies_of_Graph_and_Azure_in_the_session_do_no_harm_to_a_sign_in()
    {
        await using EntraTenant tenant = new();
        await using IdentityEndpoint identity = new(EntraTenant.Token());
        string hook = WriteStartupHook(s_planted.Select(PlantStub).ToArray());

        ChildHost.Result result = await ChildHost.RunAsync(
            start =>
            {
                identity.Configure(start);
                start.Environment["DOTNET_STARTUP_HOOKS"] = hook;
                start.Environment["GRAPH"] = tenant.Graph.Endpoint.AbsoluteUri;
            },
            "-Command",
            """
            Connect-EntraDirectory -Identity -GraphEndpoint $env:GRAPH
            'found ' + (Get-EntraApplication TravelPerk).DisplayName
            [System.AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -in 'Microsoft.Graph', 'Azure.Core' } |
                ForEach-Object { "$([System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name) $($_.GetName().Name)" }
            """
        );

        Assert.Equal("", result.Error);
        Assert.Contains("found TravelPerk\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("Default Microsoft.Graph\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("TravelPerkScim Microsoft.Graph\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("TravelPerkScim Azure.Core\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_module_and_its_rooms_share_one_context_of_their_own()
    {
        using var session = Session.WithSandbox();

        string[] contexts =
        [
            .. session
                .Run(
                    """
                    [System.AppDomain]::CurrentDomain.GetAssemblies() |
                        Where-Object { $_.GetName().Name -like 'TravelPerkScim.*' -and $_.Location -like '*module*bin*' -and $_.GetName().Name -ne 'TravelPerkScim.Loader' } |
                        ForEach-Object { [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name }
                    """
                )
                .Select(name => (string)name.BaseObject),
        ];

        Assert.True(contexts.Length >= 3);
        Assert.All(contexts, name => Assert.Equal("TravelPerkScim", name));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string PlantStub(string name)
    {
        string path = Path.Combine(_folder.FullName, name + ".dll");
        PersistedAssemblyBuilder assembly = new(new AssemblyName(name) { Version = new Version(1, 0, 0, 1) }, typeof(object).Assembly);
        assembly.DefineDynamicModule(name).DefineType("Planted", TypeAttributes.Public).CreateType();
        assembly.Save(path);
        return path;
    }

    // The runtime calls StartupHook.Initialize before Main, so the stubs are there before the module can be.
    private string WriteStartupHook(IEnumerable<string> stubs)
    {
        string path = Path.Combine(_folder.FullName, "Hook.dll");
        PersistedAssemblyBuilder assembly = new(new AssemblyName("Hook"), typeof(object).Assembly);
        TypeBuilder hook = assembly
            .DefineDynamicModule("Hook")
            .DefineType("StartupHook", TypeAttributes.NotPublic | TypeAttributes.Abstract | TypeAttributes.Sealed);
        ILGenerator code = hook.DefineMethod("Initialize", MethodAttributes.Public | MethodAttributes.Static, typeof(void), [])
            .GetILGenerator();
        foreach (string stub in stubs)
        {
            // The platform refuses an older copy of its own assemblies; trying must do no harm either.
            code.BeginExceptionBlock();
            code.Emit(OpCodes.Ldstr, stub);
            code.Emit(OpCodes.Call, typeof(Assembly).GetMethod(nameof(Assembly.LoadFrom), [typeof(string)])!);
            code.Emit(OpCodes.Pop);
            code.BeginCatchBlock(typeof(IOException));
            code.Emit(OpCodes.Pop);
            code.EndExceptionBlock();
        }

        code.Emit(OpCodes.Ret);
        hook.CreateType();
        assembly.Save(path);
        return path;
    }
}
