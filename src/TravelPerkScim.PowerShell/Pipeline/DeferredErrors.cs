using System.Globalization;
using System.Management.Automation;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>
/// Errors about single items of a command that PowerShell would end at the first error (<c>-ErrorAction Stop</c>, <c>$ErrorActionPreference
/// = 'Stop'</c>). The errors wait until the work is done: one refused user must not keep a cycle from the other users. PowerShell accepts
/// only one error then, so the first is kept and the others are counted.
/// </summary>
internal sealed class DeferredErrors(PSCmdlet cmdlet)
{
    private ErrorRecord? _first;
    private int _others;

    /// <summary>Called on the pipeline thread.</summary>
    public void Write(ErrorRecord error)
    {
        if (!Preference.StopsAtErrors(cmdlet))
            cmdlet.WriteError(error);
        else if (_first is null)
            _first = error;
        else
            _others++;
    }

    /// <summary>The work is done. Called on the pipeline thread.</summary>
    public void Release()
    {
        if (_first is not { } error)
            return;
        _first = null;
        if (_others > 0)
            error.ErrorDetails = new ErrorDetails(string.Create(CultureInfo.InvariantCulture, $"{error.Exception.Message} {Others()}"));
        cmdlet.WriteError(error);
    }

    private string Others() =>
        _others == 1
            ? "One more error followed. The rest of the work was done."
            : string.Create(CultureInfo.InvariantCulture, $"{_others} more errors followed. The rest of the work was done.");
}
