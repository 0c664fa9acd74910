using System.Reflection;
using System.Runtime.Loader;

namespace TravelPerkScim.Loader;

/// <summary>
/// Keeps the module's assemblies and their dependencies apart from the other assemblies of the session. A process has one context, which is
/// never unloaded: PowerShell caches the metadata of a cmdlet type forever.
/// </summary>
public sealed class ModuleLoadContext : AssemblyLoadContext
{
    private static readonly object s_gate = new();
    private static ModuleLoadContext? s_instance;

    private readonly string _directory;
    private readonly Lazy<AssemblyDependencyResolver> _resolver;
    private readonly Dictionary<string, string> _platform;

    private ModuleLoadContext(string modulePath)
        : base("TravelPerkScim", isCollectible: false)
    {
        _directory = Path.GetDirectoryName(modulePath)!;
        _resolver = new(() => new AssemblyDependencyResolver(modulePath));
        _platform = PlatformAssemblies();
        Module = LoadFromAssemblyPath(modulePath);
    }

    private Assembly Module { get; }

    /// <summary>Loads the cmdlet assembly, or returns the loaded one.</summary>
    /// <param name="modulePath">Full path of the cmdlet assembly; its dependencies are beside it.</param>
    /// <exception cref="InvalidOperationException">Another version is loaded, and a loaded assembly cannot be replaced.</exception>
    public static Assembly Initialize(string modulePath)
    {
        lock (s_gate)
        {
            s_instance ??= new ModuleLoadContext(modulePath);
            AssemblyName loaded = s_instance.Module.GetName();
            Version? wanted = AssemblyName.GetAssemblyName(modulePath).Version;
            return loaded.Version == wanted
                ? s_instance.Module
                : throw new InvalidOperationException(
                    $"TravelPerkScim {loaded.Version} is already loaded in this process, from '{s_instance._directory}'. "
                        + $"Start a new PowerShell process to use {wanted}."
                );
        }
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        Assembly self = typeof(ModuleLoadContext).Assembly;
        if (AssemblyName.ReferenceMatchesDefinition(assemblyName, self.GetName()))
            return self;

        string path = Path.Combine(_directory, assemblyName.Name + ".dll");
        return File.Exists(path) && !PlatformHasIt(assemblyName.Name!, path) ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        string? path = _resolver.Value.ResolveUnmanagedDllToPath(unmanagedDllName);
        return path is null ? 0 : LoadUnmanagedDllFromPath(path);
    }

    // Two copies of a framework assembly would make two identities of each of its types. Ours is used only when the platform's copy is too
    // old.
    private bool PlatformHasIt(string name, string path) =>
        _platform.TryGetValue(name, out string? platformPath)
        && AssemblyName.GetAssemblyName(platformPath).Version >= AssemblyName.GetAssemblyName(path).Version;

    private static Dictionary<string, string> PlatformAssemblies()
    {
        var paths = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string list = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
        foreach (string path in list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            paths.TryAdd(Path.GetFileNameWithoutExtension(path), path);

        return paths;
    }
}
