using System.Globalization;
using System.Text.Json;
using System.Xml;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>Reads Graph's synchronizationJob. A property that is absent or has another type counts as unknown.</summary>
internal static class HostedJobReader
{
    // Graph writes the first of all times for an event that never happened.
    private static readonly DateTimeOffset s_never = new(1, 1, 2, 0, 0, 0, TimeSpan.Zero);

    // A job without an interval has one of thousands of years.
    private static readonly TimeSpan s_longestInterval = TimeSpan.FromDays(365);

    // A job is on only where its schedule is active too.
    private static readonly Dictionary<string, HostedJobStatus> s_statuses = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Quarantine"] = HostedJobStatus.Quarantine,
        ["Paused"] = HostedJobStatus.Off,
        ["NotConfigured"] = HostedJobStatus.NotConfigured,
        ["NotRun"] = HostedJobStatus.On,
        ["Active"] = HostedJobStatus.On,
    };

    public static HostedJob Read(JsonElement job, EntraApplication application, HostedSecrets? secrets)
    {
        JsonElement status = JsonText.Property(job, "status");
        JsonElement schedule = JsonText.Property(job, "schedule");
        return new HostedJob
        {
            ApplicationId = application.ObjectId,
            Application = application.DisplayName,
            Id = JsonText.Required(job, "id", "is a job without an id"),
            Template = JsonText.Of(job, "templateId"),
            Status = StatusOf(JsonText.OrEmpty(status, "code"), JsonText.Of(schedule, "state")),
            Interval = Interval(JsonText.Of(schedule, "interval")),
            LastCycle = Cycle(JsonText.Property(status, "lastExecution")),
            LastSuccessfulCycle = Cycle(JsonText.Property(status, "lastSuccessfulExecution")),
            Progress =
            [
                .. JsonText
                    .Items(status, "progress")
                    .Select(item => new HostedProgress(
                        JsonText.Of(item, "units") ?? "entries",
                        Number(item, "completedUnits"),
                        Number(item, "totalUnits")
                    )),
            ],
            Entries = Entries(status),
            Quarantine = Quarantine(JsonText.Property(status, "quarantine")),
            FailuresInARow = Number(status, "countSuccessiveCompleteFailures"),
            TroubleshootingUrl = JsonText.NotEmpty(status, "troubleshootingUrl"),
            Settings = secrets?.Settings(Threshold(job)),
        };
    }

    /// <summary>A time; null when there is none, or the event never happened.</summary>
    public static DateTimeOffset? Time(JsonElement item, string name) =>
        DateTimeOffset.TryParse(
            JsonText.Of(item, name),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out DateTimeOffset time
        )
        && time > s_never
            ? time
            : null;

    public static long Number(JsonElement item, string name) =>
        JsonText.Property(item, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number) ? number : 0;

    private static HostedJobStatus StatusOf(string code, string? schedule)
    {
        HostedJobStatus status = s_statuses.GetValueOrDefault(code, HostedJobStatus.Unknown);
        bool isScheduled = string.Equals(schedule, "Active", StringComparison.OrdinalIgnoreCase);
        return status == HostedJobStatus.On && !isScheduled ? HostedJobStatus.Off : status;
    }

    private static TimeSpan? Interval(string? text)
    {
        try
        {
            TimeSpan? interval = text is null ? null : XmlConvert.ToTimeSpan(text);
            return interval <= s_longestInterval ? interval : null;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }

    private static HostedCycle? Cycle(JsonElement cycle) =>
        JsonText.Of(cycle, "state") is { } state
            ? new HostedCycle
            {
                State = state,
                Began = Time(cycle, "timeBegan"),
                Ended = Time(cycle, "timeEnded"),
                Imported = Number(cycle, "countImported"),
                Entitled = Number(cycle, "countEntitled"),
                Exported = Number(cycle, "countExported"),
                Escrowed = Number(cycle, "countEscrowed"),
                Error = Error(cycle),
            }
            : null;

    private static HostedQuarantine? Quarantine(JsonElement quarantine) =>
        quarantine.ValueKind == JsonValueKind.Object
            ? new HostedQuarantine
            {
                Reason = JsonText.Of(quarantine, "reason") ?? "Unknown",
                Began = Time(quarantine, "currentBegan"),
                SeriesBegan = Time(quarantine, "seriesBegan"),
                SeriesCount = Number(quarantine, "seriesCount"),
                NextAttempt = Time(quarantine, "nextAttempt"),
                Error = Error(quarantine),
            }
            : null;

    private static string? Error(JsonElement item)
    {
        JsonElement error = JsonText.Property(item, "error");
        string?[] parts = [JsonText.NotEmpty(error, "code"), JsonText.NotEmpty(error, "message")];
        string text = string.Join(": ", parts.OfType<string>());
        return text.Length > 0 ? text : null;
    }

    private static Dictionary<string, long> Entries(JsonElement status)
    {
        var entries = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (JsonElement pair in JsonText.Items(status, "synchronizedEntryCountByType"))
            entries[Scim.ShownText.Of(JsonText.OrEmpty(pair, "key"))] = Number(pair, "value");
        return entries;
    }

    private static int? Threshold(JsonElement job) =>
        JsonText
            .Items(job, "synchronizationJobSettings")
            .Where(setting => JsonText.Of(setting, "name") == "QuarantineTooManyDeletesThreshold")
            .Select(setting => WholeNumber(JsonText.Of(setting, "value")))
            .FirstOrDefault();

    private static int? WholeNumber(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
