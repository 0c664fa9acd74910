using System.Text.Json;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Provisioning.Model;
using static TravelPerkScim.Entra.Hosting.HostedJobReader;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>
/// Reads what Entra's provisioning service did to one user or group, as an outcome of our own jobs. The log (provisioningObjectSummary) and
/// the answer to provisionOnDemand
/// tell the same under other names.
/// </summary>
internal static class HostedOutcomes
{
    /// <summary>An entry of the log, or the value of an answer on demand.</summary>
    /// <param name="entry">The JSON object.</param>
    /// <param name="otherwise">Status, error code and reason where the entry has none.</param>
    /// <param name="identity">Who was asked for; null when the entry alone tells.</param>
    /// <param name="time">When, where the entry does not tell.</param>
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
        (ProvisioningAction action, bool staged) = ActionOf(Text(entry, "provisioningAction") ?? Text(entry, "action"));
        string? code = Text(error, "errorCode") ?? otherwise.Code;
        string status = Text(info, "status") ?? otherwise.Status ?? (code is null ? "success" : "failure");
        bool warned = Is(status, "warning");
        OutcomeStatus ended = staged && !Is(status, "failure") ? OutcomeStatus.Staged : StatusOf(status);
        ProvisioningStep[] steps = [.. Items(entry, "provisioningSteps").Select(StepOf)];
        string? reason = Text(error, "reason") ?? otherwise.Reason;
        string? advice = Text(error, "recommendedAction");
        string id = Text(source, "id") ?? identity?.Id ?? "";
        return new ProvisioningOutcome
        {
            Time = Time(entry, "activityDateTime") ?? Time(entry, "endTime") ?? time,
            CycleId = Guid.TryParse(Text(entry, "cycleId"), out Guid cycle) ? cycle : Guid.Empty,
            ObjectType = IsGroup(Text(source, "identityType") ?? Text(source, "type"))
                ? ProvisioningObjectType.Group
                : ProvisioningObjectType.User,
            Action = ended == OutcomeStatus.Skipped && action != ProvisioningAction.Delete ? ProvisioningAction.None : action,
            Status = ended,
            Identity = NameOf(entry, source) ?? identity?.Name ?? id,
            SourceId = id,
            TargetId = Text(target, "id"),
            ModifiedProperties = [.. Items(entry, "modifiedProperties").Select(ChangeOf).OfType<AttributeChange>()],
            ErrorCode = ended == OutcomeStatus.Success && !warned ? null : code,
            Reason = WithAdvice(
                reason
                    ?? steps.LastOrDefault(step => !Is(step.Status, "success"))?.Description
                    ?? steps.LastOrDefault()?.Description
                    ?? $"Entra says {status.ToLowerInvariant()}.",
                advice
            ),
            Note = warned ? "Entra gives this as a warning." : null,
            Steps = steps,
            Duration = Duration(entry),
        };
    }

    private static (ProvisioningAction Action, bool Staged) ActionOf(string? action) =>
        action?.ToUpperInvariant() switch
        {
            "CREATE" => (ProvisioningAction.Create, false),
            "UPDATE" => (ProvisioningAction.Update, false),
            "DISABLE" => (ProvisioningAction.Disable, false),
            "DELETE" => (ProvisioningAction.Delete, false),
            // A delete that the threshold held back.
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
        if (
            Text(JsonText.Property(step, "details") ?? default, "SkipReason") is { } skipped
            && !description.Contains(skipped, StringComparison.OrdinalIgnoreCase)
        )
            description = $"{description} ({skipped})".Trim();
        string type = Text(step, "provisioningStepType") ?? Text(step, "type") ?? "";
        return new ProvisioningStep(Text(step, "name") ?? "", Capital(type), Capital(Text(step, "status") ?? ""), description);
    }

    private static AttributeChange? ChangeOf(JsonElement change) =>
        Text(change, "displayName") is { } name ? new AttributeChange(name, Text(change, "oldValue"), Text(change, "newValue")) : null;

    // The name that people know is where the service happens to put it.
    private static string? NameOf(JsonElement entry, JsonElement source)
    {
        JsonElement details = JsonText.Property(source, "details") ?? default;
        return Text(entry, "reportableIdentifier")
            ?? Items(entry, "modifiedProperties")
                .Where(change => Text(change, "displayName") is { } name && (Is(name, "userPrincipalName") || Is(name, "userName")))
                .Select(change => Text(change, "newValue") ?? Text(change, "oldValue"))
                .FirstOrDefault(name => name is not null)
            ?? Text(details, "UserPrincipalName")
            ?? Text(details, "userPrincipalName")
            ?? Text(source, "displayName");
    }

    private static bool IsGroup(string? type) => type?.Contains("Group", StringComparison.OrdinalIgnoreCase) is true;

    private static TimeSpan Duration(JsonElement entry) =>
        Number(entry, "durationInMilliseconds") is > 0 and < int.MaxValue and var milliseconds ? TimeSpan.FromMilliseconds(milliseconds)
        : Time(entry, "startTime") is { } began && Time(entry, "endTime") is { } ended && ended > began ? ended - began
        : TimeSpan.Zero;

    private static string WithAdvice(string reason, string? advice) =>
        advice is null ? reason : $"{reason.TrimEnd().TrimEnd('.')}. {advice}";

    private static JsonElement Either(JsonElement item, string one, string other) =>
        JsonText.Property(item, one) ?? JsonText.Property(item, other) ?? default;

    private static string? Text(JsonElement item, string name) =>
        JsonText.Of(item, name) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private static bool Is(string? text, string other) => string.Equals(text, other, StringComparison.OrdinalIgnoreCase);
}
