using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client.Rate;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>The progress of a phase in words: the items done, the rate, and the wait.</summary>
internal static class ProgressText
{
    private static readonly TimeSpan s_noticeable = TimeSpan.FromSeconds(1);

    public static string Of(ProvisioningProgress progress, ScimRate rate)
    {
        string done = progress.Total is { } total
            ? FormattableString.Invariant($"{progress.Done:N0} of {total:N0}")
            : FormattableString.Invariant($"{progress.Done:N0} users");
        string pace = progress.PerSecond > 0 ? FormattableString.Invariant($", {progress.PerSecond:N0} a second") : "";
        return $"{done}{pace}{DescribeWait(rate)}";
    }

    private static string DescribeWait(ScimRate rate)
    {
        if (rate.PausedFor >= s_noticeable)
            return FormattableString.Invariant($"; TravelPerk asked for a pause, {rate.PausedFor.TotalSeconds:0} s are left");
        string underWay = rate.UnderWay > 0 ? FormattableString.Invariant($"; {rate.UnderWay} requests under way") : "";
        string overload = rate.ConcurrencyLimit is { } most
            ? FormattableString.Invariant($", at most {most} while TravelPerk is overloaded")
            : "";
        string limit = rate.Limit is { } pace
            ? FormattableString.Invariant($", held to {pace:0.#} requests a second by TravelPerk's limit")
            : "";
        return underWay.Length == 0 ? "" : underWay + overload + limit;
    }
}
