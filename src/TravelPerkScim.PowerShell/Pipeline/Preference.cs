using System.Management.Automation;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>The value of a common parameter; without it, the session's preference variable. Must be read on the pipeline thread.</summary>
internal static class Preference
{
    /// <summary><c>-WhatIf</c>, else <c>$WhatIfPreference</c>.</summary>
    public static bool IsWhatIf(PSCmdlet cmdlet) =>
        LanguagePrimitives.IsTrue(Bound(cmdlet, "WhatIf") ?? Variable(cmdlet, "WhatIfPreference"));

    /// <summary><c>-Confirm</c> or <c>-WhatIf</c> was given, so the command asks no question of its own.</summary>
    public static bool DecidesQuestions(PSCmdlet cmdlet) => (Bound(cmdlet, "Confirm") ?? Bound(cmdlet, "WhatIf")) is not null;

    /// <summary><c>-Verbose</c>, else <c>$VerbosePreference</c> is Continue.</summary>
    public static bool IsVerbose(PSCmdlet cmdlet) =>
        Bound(cmdlet, "Verbose") is { } asked
            ? LanguagePrimitives.IsTrue(asked)
            : Is<ActionPreference>(Variable(cmdlet, "VerbosePreference"), preference => preference == ActionPreference.Continue);

    /// <summary><c>-ErrorAction</c>, else <c>$ErrorActionPreference</c>, is Stop.</summary>
    public static bool StopsAtErrors(PSCmdlet cmdlet) =>
        Is<ActionPreference>(
            Bound(cmdlet, "ErrorAction") ?? Variable(cmdlet, "ErrorActionPreference"),
            preference => preference == ActionPreference.Stop
        );

    /// <summary><c>-Confirm</c>, else <c>$ConfirmPreference</c>, makes a command of this impact ask.</summary>
    public static bool Confirms(PSCmdlet cmdlet, ConfirmImpact impact) =>
        Bound(cmdlet, "Confirm") is { } asked
            ? LanguagePrimitives.IsTrue(asked)
            : Is<ConfirmImpact>(
                Variable(cmdlet, "ConfirmPreference"),
                preference => preference is not ConfirmImpact.None && preference <= impact
            );

    private static object? Bound(PSCmdlet cmdlet, string parameter) =>
        cmdlet.MyInvocation.BoundParameters.TryGetValue(parameter, out object? value) ? value : null;

    private static object? Variable(PSCmdlet cmdlet, string name) => cmdlet.SessionState.PSVariable.GetValue(name);

    private static bool Is<T>(object? value, Func<T, bool> test) =>
        LanguagePrimitives.TryConvertTo(value, out T converted) && test(converted);
}
