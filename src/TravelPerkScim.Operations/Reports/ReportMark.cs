using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Reports;

/// <summary>What a reviewer looks for first in an operation, beyond its action.</summary>
public enum ReportMark : long
{
    /// <summary>The userName changes, or the name of a group.</summary>
    Renamed,

    /// <summary>Given or family name changes.</summary>
    NameChanged,

    /// <summary>Another manager: TravelPerk takes the manager as the approver.</summary>
    ManagerChanged,

    /// <summary>No manager any more, and so no approver.</summary>
    ManagerLost,

    /// <summary>Another cost object (cost centre).</summary>
    CostObjectChanged,

    /// <summary>No cost object (cost centre) any more.</summary>
    CostObjectLost,

    /// <summary>Another person's account would take the TravelPerk user over.</summary>
    Takeover,

    /// <summary>The account takes the TravelPerk user of the same person's former account over.</summary>
    Inherited,

    /// <summary>TravelPerk was changed behind the job's back.</summary>
    Drift,
}

internal static class ReportMarks
{
    private static readonly Dictionary<ReportMark, string> s_texts = new()
    {
        [ReportMark.NameChanged] = "Name changed",
        [ReportMark.ManagerChanged] = "Manager changed",
        [ReportMark.ManagerLost] = "Manager lost",
        [ReportMark.CostObjectChanged] = "Cost object changed",
        [ReportMark.CostObjectLost] = "Cost object lost",
    };

    /// <summary>The marks of a change, with another value and with none.</summary>
    private static readonly Dictionary<string, (ReportMark Changed, ReportMark Lost)> s_byAttribute = new(StringComparer.OrdinalIgnoreCase)
    {
        ["userName"] = (ReportMark.Renamed, ReportMark.Renamed),
        ["displayName"] = (ReportMark.Renamed, ReportMark.Renamed),
        ["givenName"] = (ReportMark.NameChanged, ReportMark.NameChanged),
        ["familyName"] = (ReportMark.NameChanged, ReportMark.NameChanged),
        ["manager"] = (ReportMark.ManagerChanged, ReportMark.ManagerLost),
        ["manager.value"] = (ReportMark.ManagerChanged, ReportMark.ManagerLost),
        ["costCenter"] = (ReportMark.CostObjectChanged, ReportMark.CostObjectLost),
    };

    /// <summary>How a page names a mark.</summary>
    public static string Text(this ReportMark mark) => s_texts.GetValueOrDefault(mark) ?? mark.ToString();

    /// <summary>Marks that a reviewer should not overlook.</summary>
    public static string Tone(this ReportMark mark) =>
        mark switch
        {
            ReportMark.ManagerLost or ReportMark.CostObjectLost or ReportMark.Takeover => "warn",
            ReportMark.Drift => "link",
            _ => "none",
        };

    /// <summary>The marks of one operation. A new user has no value that could be changed or lost.</summary>
    public static IReadOnlyList<ReportMark> Of(ProvisioningAction action, ProvisioningDrift drift, IReadOnlyList<ReportChange> changes) =>
        [
            .. action is ProvisioningAction.Update or ProvisioningAction.Enable or ProvisioningAction.Disable
                ? changes.Select(OfChange).OfType<ReportMark>().Distinct()
                : [],
            .. drift switch
            {
                ProvisioningDrift.None => Array.Empty<ReportMark>(),
                ProvisioningDrift.Takeover => [ReportMark.Takeover],
                ProvisioningDrift.Inherited => [ReportMark.Inherited],
                _ => [ReportMark.Drift],
            },
        ];

    private static ReportMark? OfChange(ReportChange change)
    {
        if (!s_byAttribute.TryGetValue(change.Label, out (ReportMark Changed, ReportMark Lost) mark))
            return null;
        return string.IsNullOrEmpty(change.New) ? mark.Lost : mark.Changed;
    }
}
