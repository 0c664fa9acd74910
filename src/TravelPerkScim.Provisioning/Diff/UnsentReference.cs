using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Diff;

/// <summary>The notes that say that a request leaves a manager out, and why.</summary>
internal static class UnsentReference
{
    public const string Later = "The reference follows when there is one";

    /// <summary>For a manager whose create was planned and did not succeed.</summary>
    public static string AfterFailure(TargetAttribute attribute, object? manager) =>
        Without(
            attribute,
            $"{AttributeDiff.Display(attribute, manager)} has no TravelPerk user, because its create did not succeed. {Later}"
        );

    public static string Without(TargetAttribute attribute, string why) => $"'{attribute.Flow.TargetName}' is not sent: {why}.";
}
