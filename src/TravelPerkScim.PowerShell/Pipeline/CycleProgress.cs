using System.Globalization;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>The counts of a running cycle.</summary>
/// <param name="job">The job's name.</param>
/// <param name="operations">Operations of the plan.</param>
internal sealed class CycleProgress(string job, int operations)
{
    private readonly List<ProvisioningOutcome> _failures = [];
    private int _done;

    /// <summary>Outcomes that failed, in the order they came.</summary>
    public IReadOnlyList<ProvisioningOutcome> Failures => _failures;

    /// <summary>Reviewed operations that are out of date.</summary>
    public int Stale { get; private set; }

    public void Add(ProvisioningOutcome outcome)
    {
        _done++;
        if (outcome.Status == OutcomeStatus.Failure)
            _failures.Add(outcome);
        else if (outcome is { Status: not OutcomeStatus.Staged, ErrorCode: not null })
            Stale++;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The cycle of '{job}' was stopped after {_done} of {operations} outcomes, {_failures.Count} of them failures. "
                + $"Some more operations may have been done, and Get-ProvisioningLog lists what was done. "
                + $"The next cycle continues from there."
        );
}
