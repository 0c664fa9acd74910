using System.Globalization;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>What Invoke-Provisioning says about a plan before it is applied, and about reviewed operations that were not applied.</summary>
internal static class CycleMessages
{
    /// <summary>The question of a confirmation: the kind of cycle, and how many operations of each action are sent. Operations that are not
    /// sent are counted apart.</summary>
    public static string Describe(ProvisioningPlan plan)
    {
        string kind = plan.Kind == CycleKind.OnDemand ? "On-demand" : plan.Kind.ToString();
        string operations = plan.Operations.Count == 0 ? "nothing to do" : string.Join(", ", Counts(plan.Operations));
        return $"{kind} cycle: {operations}";
    }

    public static string Stale(int count)
    {
        string subject = count == 1 ? "One reviewed operation was" : Text($"{count} reviewed operations were");
        return $"{subject} not applied, because they are no longer what a cycle would do. "
            + "The Reason of each outcome names the change. Plan again with Get-ProvisioningPlan.";
    }

    private static IEnumerable<string> Counts(IReadOnlyList<ProvisioningOperation> operations)
    {
        IEnumerable<IGrouping<ProvisioningAction, ProvisioningOperation>> sent = operations
            .Where(o => o is { Problem: null, Staged: false, Action: not ProvisioningAction.None })
            .GroupBy(o => o.Action)
            .OrderBy(action => action.Key);
        foreach (IGrouping<ProvisioningAction, ProvisioningOperation> action in sent)
            yield return Text($"{action.Count()} {action.Key}");
        (int Count, string What)[] notSent =
        [
            (operations.Count(o => o.Problem is not null), "with a problem"),
            (operations.Count(o => o is { Problem: null, Staged: true }), "staged"),
            (operations.Count(o => o is { Problem: null, Action: ProvisioningAction.None }), "with nothing to do"),
        ];
        foreach ((int count, string what) in notSent.Where(kind => kind.Count > 0))
            yield return Text($"{count} {what}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
