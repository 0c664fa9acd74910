using System.Text.Json;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Provisioning.Model;
using static TravelPerkScim.Entra.Hosting.HostedJobReader;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>
/// Reads what Entra's provisioning service did to one user or group, as an outcome of this module's jobs. The log
/// (provisioningObjectSummary) and the answer to provisionOnDemand hold the same facts under different names.
/// </summary>
internal static class HostedOutcomes
{
    /// <summary>Reads an entry of the log, or the value of an answer on demand.</summary>
    /// <param name="entry">The JSON object.</param>
    /// <param name="otherwise">Status, error code and reason for an entry that has none.</param>
    /// <param name="identity">The user that was asked for; null when only the entry names the user.</param>
    /// <param name="time">The time for an entry that has none.</param>
    public static ProvisioningOutcome Read(
        JsonElement entry,
        (string? Status, string? Code, string? Reason) otherwise,
        (string Id, string Name)? identity,
        DateTimeOffset time
    )
    {
        JsonElement info = Either(entry, "provisioningStatusInfo", "statusInfo");
        JsonElement error = JsonText.Property(info, "errorInformation") ?? info;
        JsonElement source = JsonText.Property(entry, "sourceIdentity") ?? default;
        JsonElement target = JsonText.Property(entry, "targetIdentity") ?? default;
        string? code = Text(error, "errorCode") ?? otherwise.Code;
        string status = Text(info, "status") ?? otherwise.Status ?? (code is null ? "success" : "failure");
        bool isWarning = Is(status, "warning");
        (ProvisioningAction action, OutcomeStatus ended) = EndOf(Text(entry, "provisioningAction") ?? Text(entry, "action"), status);
        ProvisioningStep[] steps = [.. Items(entry, "provisioningSteps").Select(StepOf)];
        string reason = Text(error, "reason") ?? otherwise.Reason ?? ReasonOf(steps) ?? $"Entra says {status.ToLowerInvariant()}.";
        string id = Text(source, "id") ?? identity?.Id ?? "";
        return new ProvisioningOutcome
        {
            Time = Time(entry, "activityDateTime") ?? Time(entry, "endTime") ?? time,
            CycleId = Guid.TryParse(Text(entry, "cycleId"), out Guid cycle) ? cycle : Guid.Empty,
            ObjectType = TypeOf(source),
            Action = action,
            Status = ended,
            Identity = NameOf(entry, source) ?? identity?.Name ?? id,
            SourceId = id,
            TargetId = Text(target, "id"),
            ModifiedProperties = [.. Items(entry, "modifiedProperties").Select(ChangeOf).OfType<AttributeChange>()],
            ErrorCode = ended == OutcomeStatus.Success && !isWarning ? null : code,
            Reason = WithAdvice(reason, Text(error, "recommendedAction")),
            Note = isWarning ? "Entra gives this as a warning." : null,
            Steps = steps,
            Duration = Duration(entry),
        };
    }

    private static (ProvisioningAction Action, OutcomeStatus Ended) EndOf(string? name, string status)
    {
        (ProvisioningAction action, bool staged) = ActionOf(name);
        if (staged && !Is(status, "failure"))
            return (action, OutcomeStatus.Staged);
        OutcomeStatus ended = StatusOf(status);
        // A skipped operation did nothing. A skipped delete stays visible as a delete.
        return ended == OutcomeStatus.Skipped && action != ProvisioningAction.Delete ? (ProvisioningAction.None, ended) : (action, ended);
    }

    private static string? ReasonOf(ProvisioningStep[] steps) =>
        (steps.LastOrDefault(step => !Is(step.Status, "success")) ?? steps.LastOrDefault())?.Description;

    private static ProvisioningObjectType TypeOf(JsonElement source)
    {
        string? type = Text(source, "identityType") ?? Text(source, "type");
        bool isGroup = type?.Contains("Group", StringComparison.OrdinalIgnoreCase) is true;
        return isGroup ? ProvisioningObjectType.Group : ProvisioningObjectType.User;
    }

    private static (ProvisioningAction Action, bool Staged) ActionOf(string? action) =>
        action?.ToUpperInvariant() switch
        {
            "CREATE" => (ProvisioningAction.Create, false),
            "UPDATE" => (ProvisioningAction.Update, false),
            "DISABLE" => (ProvisioningAction.Disable, false),
            "DELETE" => (ProvisioningAction.Delete, false),
            // A delete that the threshold stages.
            "STAGEDDELETE" => (ProvisioningAction.Delete, true),
            _ => (ProvisioningAction.None, false),
        };

    private static OutcomeStatus StatusOf(string status) =>
        status.ToUpperInvariant() switch
        {
            "SUCCESS" or "WARNING" => OutcomeStatus.Success,
            "SKIPPED" => OutcomeStatus.Skipped,
            _ => OutcomeStatus.Failure,
        };

    private static ProvisioningStep StepOf(JsonElement step)
    {
        string description = Text(step, "description") ?? "";
        string? skipped = Text(JsonText.Property(step, "details") ?? default, "SkipReason");
        if (skipped is not null && !description.Contains(skipped, StringComparison.OrdinalIgnoreCase))
            description = $"{description} ({skipped})".Trim();
        string type = Text(step, "provisioningStepType") ?? Text(step, "type") ?? "";
        return new ProvisioningStep(Text(step, "name") ?? "", Capital(type), Capital(Text(step, "status") ?? ""), description);
    }

    private static AttributeChange? ChangeOf(JsonElement change) =>
        Text(change, "displayName") is { } name ? new AttributeChange(name, Text(change, "oldValue"), Text(change, "newValue")) : null;

    // The service puts the name that people know into one of several places.
    private static string? NameOf(JsonElement entry, JsonElement source)
    {
        JsonElement details = JsonText.Property(source, "details") ?? default;
        return Text(entry, "reportableIdentifier")
            ?? ChangedNameOf(entry)
            ?? Text(details, "UserPrincipalName")
            ?? Text(details, "userPrincipalName")
            ?? Text(source, "displayName");
    }

    private static string? ChangedNameOf(JsonElement entry) =>
        Items(entry, "modifiedProperties")
            .Where(change => Text(change, "displayName")?.ToUpperInvariant() is "USERPRINCIPALNAME" or "USERNAME")
            .Select(change => Text(change, "newValue") ?? Text(change, "oldValue"))
            .FirstOrDefault(name => name is not null);

    private static TimeSpan Duration(JsonElement entry)
    {
        if (Number(entry, "durationInMilliseconds") is > 0 and < int.MaxValue and var milliseconds)
            return TimeSpan.FromMilliseconds(milliseconds);
        TimeSpan? taken = Time(entry, "endTime") - Time(entry, "startTime");
        return taken > TimeSpan.Zero ? taken.Value : TimeSpan.Zero;
    }

    private static string WithAdvice(string reason, string? advice) =>
        advice is null ? reason : $"{reason.TrimEnd().TrimEnd('.')}. {advice}";

    private static JsonElement Either(JsonElement item, string one, string other) =>
        JsonText.Property(item, one) ?? JsonText.Property(item, other) ?? default;

    private static string? Text(JsonElement item, string name) =>
        JsonText.Of(item, name) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private static bool Is(string? text, string other) => string.Equals(text, other, StringComparison.OrdinalIgnoreCase);
}
