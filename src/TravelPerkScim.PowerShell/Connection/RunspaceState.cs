using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace TravelPerkScim.PowerShell;

/// <summary>What one runspace holds between commands: its default connection and the sandboxes it started. Gone with the runspace, or when the module is removed from it.</summary>
internal sealed class RunspaceState
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceState> s_states = [];

    private readonly List<ScimSandbox> _sandboxes = [];

    /// <summary>Of the runspace of the calling thread, which must be a pipeline thread.</summary>
    public static RunspaceState Current => s_states.GetValue(Runspace.DefaultRunspace, Create);

    public TravelPerkConnection? Connection { get; set; }

    public IReadOnlyList<ScimSandbox> Sandboxes => _sandboxes;

    public void Add(ScimSandbox sandbox) => _sandboxes.Add(sandbox);

    public void Remove(ScimSandbox sandbox) => _sandboxes.Remove(sandbox);

    /// <summary>Disposes what the current runspace holds.</summary>
    public static void Clear()
    {
        if (Runspace.DefaultRunspace is { } runspace && s_states.TryGetValue(runspace, out RunspaceState? state))
        {
            s_states.Remove(runspace);
            state.Release();
        }
    }

    private static RunspaceState Create(Runspace runspace)
    {
        RunspaceState state = new();
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState_.Closed or RunspaceState_.Broken)
            {
                state.Release();
            }
        };
        return state;
    }
}
