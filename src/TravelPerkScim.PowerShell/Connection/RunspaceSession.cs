using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Sandbox;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>The state of one runspace between commands: its default connections and its sandboxes. It ends with the runspace, or when the
/// module is removed.</summary>
internal sealed class RunspaceSession
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceSession> s_sessions = [];

    private readonly List<TravelPerkSandbox> _sandboxes = [];

    /// <summary>The state of the calling thread's runspace. The thread must be a pipeline thread.</summary>
    public static RunspaceSession Current => s_sessions.GetValue(Runspace.DefaultRunspace, Create);

    public TravelPerkConnection? Connection { get; set; }

    public EntraDirectoryConnection? EntraConnection { get; set; }

    /// <summary>The database with the states of shared jobs; null when none is connected.</summary>
    public ProvisioningStore? Store { get; set; }

    /// <summary>The connection that a command was given, else the default one of this runspace; null without either.</summary>
    public static TravelPerkConnection? Choose(TravelPerkConnection? given) => given ?? Current.Connection;

    /// <inheritdoc cref="Choose(TravelPerkConnection?)"/>
    public static EntraDirectoryConnection? Choose(EntraDirectoryConnection? given) => given ?? Current.EntraConnection;

    /// <summary>A connection that a command cannot do without.</summary>
    /// <exception cref="CommandException"><c>NotConnected</c>.</exception>
    public static TravelPerkConnection Require(TravelPerkConnection? chosen) => chosen ?? throw CommandException.NotConnected();

    /// <inheritdoc cref="Require(TravelPerkConnection?)"/>
    /// <exception cref="CommandException"><c>EntraNotConnected</c>.</exception>
    public static EntraDirectoryConnection Require(EntraDirectoryConnection? chosen) =>
        chosen ?? throw CommandException.EntraNotConnected();

    public IReadOnlyList<TravelPerkSandbox> Sandboxes => [.. _sandboxes];

    public void Add(TravelPerkSandbox sandbox) => _sandboxes.Add(sandbox);

    public void Remove(TravelPerkSandbox sandbox) => _sandboxes.Remove(sandbox);

    /// <summary>Ends the connections and sandboxes of the current runspace.</summary>
    public static void Clear()
    {
        if (Runspace.DefaultRunspace is { } runspace && s_sessions.TryGetValue(runspace, out RunspaceSession? session))
        {
            s_sessions.Remove(runspace);
            session.Release();
        }
    }

    private static RunspaceSession Create(Runspace runspace)
    {
        var session = new RunspaceSession();
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closed)
                session.Release();
        };
        return session;
    }

    private void Release()
    {
        Connection?.Dispose();
        Connection = null;
        EntraConnection?.Dispose();
        EntraConnection = null;
        Store?.Dispose();
        Store = null;
        foreach (TravelPerkSandbox sandbox in _sandboxes)
            sandbox.DisposeAsync().AsTask().GetAwaiter().GetResult();

        _sandboxes.Clear();
    }
}
