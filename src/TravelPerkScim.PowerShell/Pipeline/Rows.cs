using System.Management.Automation;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>
/// Gives failed and staged operations and outcomes a type name of their own, so that a table shows their rows in another way: a view
/// chooses a row by its type name, not by a value. The objects stay unchanged.
/// </summary>
internal static class Rows
{
    private const string LogEntry = "TravelPerkScim.ProvisioningLogEntry";

    public static PSObject Of(ProvisioningOperation operation) =>
        Named(
            operation,
            operation.Problem is not null ? "Failure"
                : operation.Staged ? "Staged"
                : null
        );

    public static PSObject Of(ProvisioningOutcome outcome) => Named(outcome, MarkOf(outcome));

    /// <summary>An outcome as an entry of the log, whose view shows the time.</summary>
    public static PSObject OfLog(ProvisioningOutcome outcome)
    {
        var row = new PSObject(outcome);
        row.TypeNames.Insert(0, LogEntry);
        if (MarkOf(outcome) is { } mark)
            row.TypeNames.Insert(0, $"{LogEntry}#{mark}");
        return row;
    }

    private static string? MarkOf(ProvisioningOutcome outcome) =>
        outcome.Status is OutcomeStatus.Failure or OutcomeStatus.Staged ? outcome.Status.ToString() : null;

    private static PSObject Named(object item, string? mark)
    {
        var row = new PSObject(item);
        if (mark is not null)
            row.TypeNames.Insert(0, $"{item.GetType().FullName}#{mark}");
        return row;
    }
}
