using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace TravelPerkScim.Host;

/// <summary>One runspace with the module imported, which runs one script or one command line.</summary>
internal sealed class HostSession : IDisposable
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    private readonly ConsoleHost _host;
    private readonly Runspace _runspace;
    private volatile PowerShell? _running;
    private volatile bool _stopped;

    public HostSession(ConsoleHost host)
    {
        _host = host;

        // CreateDefault would load the shell's own assembly, which comes with pwsh and not with System.Management.Automation.
        InitialSessionState state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        }

        _runspace = RunspaceFactory.CreateRunspace(host, state);
        _runspace.Open();
        Runspace.DefaultRunspace = _runspace;
    }

    /// <summary>Runs what was asked for, and gives the exit code: the script's own <c>exit</c>, otherwise 0 when nothing failed.</summary>
    public int Run(HostArguments arguments)
    {
        string manifest = ModuleFiles.Manifest;
        if (!Invoke(shell => shell.AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", ActionPreference.Stop)))
        {
            return ExitCode(succeeded: false);
        }

        if (arguments.Command is { } command)
        {
            return ExitCode(Invoke(shell => shell.AddScript(command)));
        }

        string path = Path.GetFullPath(arguments.File ?? ModuleFiles.Demonstration);
        if (!File.Exists(path))
        {
            _host.UI.WriteErrorLine($"There is no script '{path}'.");
            return HostArguments.WrongUsage;
        }

        ScriptBlockAst script = Parser.ParseFile(path, out _, out ParseError[] errors);
        if (errors.Length > 0)
        {
            foreach (ParseError error in errors)
            {
                _host.UI.WriteErrorLine($"{path}:{error.Extent.StartLineNumber}:{error.Extent.StartColumnNumber} {error.Message}");
            }

            return Failed;
        }

        // Called as a block of its file rather than by name, so that its exit ends the host with its code as it does in pwsh.
        (Hashtable named, object[] positional) = ScriptArguments.Bind(script.ParamBlock, arguments.Rest);
        return ExitCode(Invoke(shell => shell
            .AddScript("param($Script, $Named, $Positional) & $Script @Named @Positional")
            .AddArgument(script.GetScriptBlock()).AddArgument(named).AddArgument(positional)));
    }

    /// <summary>Stops what is running. Returns at once.</summary>
    public void Stop()
    {
        _stopped = true;
        _running?.BeginStop(null, null);
    }

    public void Dispose() => _runspace.Dispose();

    private int ExitCode(bool succeeded) =>
        _host.RequestedExitCode ?? (_stopped ? Interrupted : succeeded && !_host.ErrorsShown ? 0 : Failed);

    private bool Invoke(Action<PowerShell> build)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        build(shell);

        // As pwsh does it: Out-Default applies the format views, and errors go through it for the same reason.
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand("Out-Default");
        _running = shell;
        try
        {
            if (!_stopped)
            {
                shell.Invoke();
            }

            return !_stopped;
        }
        catch (PipelineStoppedException)
        {
            return false;
        }
        catch (RuntimeException exception)
        {
            Show(exception.ErrorRecord);
            return false;
        }
        finally
        {
            _running = null;
        }
    }

    // What ended the pipeline is shown as any other error is.
    private void Show(ErrorRecord error) =>
        Invoke(shell => shell.AddScript("[CmdletBinding()] param($Record) $PSCmdlet.WriteError($Record)").AddArgument(error));
}
