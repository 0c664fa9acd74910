using System.Collections.ObjectModel;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Security;
using Shell = System.Management.Automation.PowerShell;

namespace TravelPerkScim.PowerShell.Tests.Support;

/// <summary>A fresh runspace with the built module imported.</summary>
internal sealed class Session : IDisposable
{
    private static readonly Lazy<Session> s_shared = new(() => new Session());

    public Session(PSHost? host = null, bool import = true)
    {
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        }

        Runspace = host is null ? RunspaceFactory.CreateRunspace(state) : RunspaceFactory.CreateRunspace(host, state);
        Runspace.Open();
        if (import)
        {
            Run("param($m) Import-Module $m", Repository.Manifest);
        }
    }

    /// <summary>One for all tests that only look at the commands and their help: an import takes longer than such a look.</summary>
    public static Session Shared => s_shared.Value;

    public Runspace Runspace { get; }

    /// <summary>Errors of the last run.</summary>
    public IReadOnlyList<ErrorRecord> Errors { get; private set; } = [];

    /// <summary>A session connected to a sandbox of its own, which is in $sandbox.</summary>
    public static Session WithSandbox(string startArguments = "", CapturingHost? host = null)
    {
        Session session = new(host);
        session.Run($"$global:sandbox = Start-ScimSandbox {startArguments}; $sandbox | Connect-TravelPerk");
        return session;
    }

    public static SecureString Secret(string text)
    {
        SecureString secret = new();
        foreach (char c in text)
        {
            secret.AppendChar(c);
        }

        return secret;
    }

    /// <summary>Runs a script that must not fail.</summary>
    public Collection<PSObject> Run(string script, params object[] arguments)
    {
        Collection<PSObject> output = TryRun(script, arguments);
        Assert.True(Errors.Count == 0, string.Join(Environment.NewLine, Errors.Select(error => $"{error.FullyQualifiedErrorId}: {error}")));
        return output;
    }

    /// <summary>Runs a script; its errors, the terminating one last, are in <see cref="Errors"/>.</summary>
    public Collection<PSObject> TryRun(string script, params object[] arguments)
    {
        using Shell shell = Create(script, arguments);
        Collection<PSObject> output = [];
        List<ErrorRecord> errors = [];
        try
        {
            output = shell.Invoke();
        }
        catch (RuntimeException exception)
        {
            errors.Add(exception.ErrorRecord);
        }

        Errors = [.. shell.Streams.Error, .. errors];
        return output;
    }

    /// <summary>Runs a script that must fail, and gives its only error.</summary>
    public ErrorRecord Fail(string script, params object[] arguments)
    {
        TryRun(script, arguments);
        return Assert.Single(Errors);
    }

    public T Value<T>(string script) =>
        (T)LanguagePrimitives.ConvertTo(Assert.Single(Run(script)), typeof(T), System.Globalization.CultureInfo.InvariantCulture);

    public Shell Create(string script, params object[] arguments)
    {
        var shell = Shell.Create(Runspace);
        shell.AddScript(script);
        foreach (object argument in arguments)
        {
            shell.AddArgument(argument);
        }

        return shell;
    }

    public void Dispose() => Runspace.Dispose();
}
