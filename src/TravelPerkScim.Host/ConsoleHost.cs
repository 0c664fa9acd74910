using System.Globalization;
using System.Management.Automation.Host;
using System.Reflection;

namespace TravelPerkScim.Host;

/// <summary>The engine's view of this process.</summary>
internal sealed class ConsoleHost : PSHost
{
    private readonly ConsoleUserInterface _ui = new();

    /// <summary>What <c>exit</c> asked for; null when nothing did.</summary>
    public int? RequestedExitCode { get; private set; }

    /// <summary>Whether an error has been shown.</summary>
    public bool ErrorsShown => _ui.ErrorsShown;

    public override string Name => "TravelPerkScim.Host";

    public override Version Version { get; } = Assembly.GetExecutingAssembly().GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => _ui;

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override void SetShouldExit(int exitCode) => RequestedExitCode ??= exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("This host runs scripts and commands; it has no prompt to nest.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("This host runs scripts and commands; it has no prompt to nest.");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
