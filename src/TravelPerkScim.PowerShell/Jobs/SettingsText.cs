using System.Globalization;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Settings of a job in words.</summary>
internal static class SettingsText
{
    /// <summary>Each setting that differs, with old and new value.</summary>
    public static string Difference(JobSettings old, JobSettings changed) =>
        string.Join(
            ", ",
            typeof(JobSettings)
                .GetProperties()
                .Select(p => (p.Name, Old: Text(p.GetValue(old)), New: Text(p.GetValue(changed))))
                .Where(s => s.Old != s.New)
                .Select(s => $"{s.Name}: {s.Old} -> {s.New}")
        );

    private static string Text(object? value) =>
        value switch
        {
            JobSource { Path: { } path } => path,
            JobSource source =>
                $"Entra {source.TenantId} {source.Application}, {source.Scope}{(source.IncludeNestedGroups ? ", nested groups" : "")}",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
}
