using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using TravelPerkScim.Sandbox;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>The state of one runspace between commands: its default connections and its sandboxes. It ends with the runspace, or when the
/// module is removed.</summary>
internal sealed class SessionHoldings
{
    private static readonly ConditionalWeakTable<Runspace, SessionHoldings> s_held = [];

    private readonly List<TravelPerkSandbox> _sandboxes = [];

    /// <summary>The state of the calling thread's runspace. The thread must be a pipeline thread.</summary>
    public static SessionHoldings Current => s_held.GetValue(Runspace.DefaultRunspace, Create);

    public TravelPerkConnection? Connection { get; set; }

    public EntraDirectoryConnection? EntraConnection { get; set; }

    public IReadOnlyList<TravelPerkSandbox> Sandboxes => [.. _sandboxes];

    public void Add(TravelPerkSandbox sandbox) => _sandboxes.Add(sandbox);

    public void Remove(TravelPerkSandbox sandbox) => _sandboxes.Remove(sandbox);

    /// <summary>Ends the connections and sandboxes of the current runspace.</summary>
    public static void Clear()
    {
        if (Runspace.DefaultRunspace is { } runspace && s_held.TryGetValue(runspace, out SessionHoldings? held))
        {
            s_held.Remove(runspace);
            held.Release();
        }
    }

    private static SessionHoldings Create(Runspace runspace)
    {
        SessionHoldings held = new();
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closed)
            {
                held.Release();
            }
        };
        return held;
    }

    private void Release()
    {
        Connection?.Dispose();
        Connection = null;
        EntraConnection?.Dispose();
        EntraConnection = null;
        foreach (TravelPerkSandbox sandbox in _sandboxes)
        {
            sandbox.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        _sandboxes.Clear();
    }
}
