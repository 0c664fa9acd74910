using System.Globalization;
using System.Text.RegularExpressions;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Notifications;

/// <summary>Times, counts and commands as notifications write them.</summary>
internal static partial class Words
{
    private const int MostOfReason = 500;

    /// <summary>Readers sit anywhere, so a time is UTC and says so.</summary>
    public static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Such as "2 hours 20 minutes".</summary>
    public static string Span(TimeSpan span)
    {
        span = span < TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) : span;
        (int Number, string One)[] units = [(span.Days, "day"), (span.Hours, "hour"), (span.Minutes, "minute")];
        return string.Join(
            ' ',
            units.SkipWhile(unit => unit.Number == 0).Take(2).Where(unit => unit.Number > 0).Select(unit => Count(unit.Number, unit.One))
        );
    }

    public static string Count(long number, string one, string? more = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? one : more ?? one + "s")}");

    /// <summary>The counts that are not zero, such as "12 disables, 1 delete"; a word for none of them.</summary>
    public static string Counts(string none, params (long Number, string One, string More)[] counts)
    {
        string[] parts = [.. counts.Where(count => count.Number > 0).Select(count => Count(count.Number, count.One, count.More))];
        return parts.Length == 0 ? none : string.Join(", ", parts);
    }

    /// <summary>A command for the job, ready to be pasted.</summary>
    public static string Command(ProvisioningJob job, string name, string? rest = null)
    {
        string path = SimplePath().IsMatch(job.Path) ? job.Path : $"'{job.Path.Replace("'", "''", StringComparison.Ordinal)}'";
        return rest is null ? $"{name} {path}" : $"{name} {path} {rest}";
    }

    /// <summary>Why a cycle failed, without what names a user: what one entry said is left out, and mail addresses are masked.</summary>
    public static string Reason(string? message)
    {
        if (message is null or "")
            return "No reason is known.";
        int entry = message.IndexOf(ProvisioningException.EntryMark, StringComparison.Ordinal);
        string reason = MailAddress().Replace(entry < 0 ? message : $"{message[..entry]}.", "(a user)");
        return reason.Length <= MostOfReason ? reason : $"{reason[..MostOfReason]}...";
    }

    [GeneratedRegex(@"^[A-Za-z0-9/\\:._-]+$")]
    private static partial Regex SimplePath();

    [GeneratedRegex(@"[^\s'""<>(),;:]+@[^\s'""<>(),;:]+")]
    private static partial Regex MailAddress();
}
