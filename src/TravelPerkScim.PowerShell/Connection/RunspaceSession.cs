using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
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
        foreach (TravelPerkSandbox sandbox in _sandboxes)
            sandbox.DisposeAsync().AsTask().GetAwaiter().GetResult();

        _sandboxes.Clear();
    }
}
