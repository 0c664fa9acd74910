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
    /// <summary>A delete that the threshold stages.</summary>
    private const string StagedDelete = "StagedDelete";

    private static readonly Dictionary<string, ProvisioningAction> s_actions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Create"] = ProvisioningAction.Create,
        ["Update"] = ProvisioningAction.Update,
        ["Disable"] = ProvisioningAction.Disable,
        ["Delete"] = ProvisioningAction.Delete,
        [StagedDelete] = ProvisioningAction.Delete,
    };

    private static readonly Dictionary<string, OutcomeStatus> s_ends = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Success"] = OutcomeStatus.Success,
        ["Warning"] = OutcomeStatus.Success,
        ["Skipped"] = OutcomeStatus.Skipped,
    };

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
        JsonElement info = PropertyOr(entry, "provisioningStatusInfo", JsonText.Property(entry, "statusInfo"));
        JsonElement error = PropertyOr(info, "errorInformation", info);
        JsonElement source = JsonText.Property(entry, "sourceIdentity");
        string? code = Text(error, "errorCode") ?? otherwise.Code;
        string likely = code is null ? "success" : "failure";
        string status = Text(info, "status") ?? otherwise.Status ?? likely;
        bool isWarning = Is(status, "warning");
        (ProvisioningAction action, OutcomeStatus ended) = EndOf(Text(entry, "provisioningAction", "action"), status);
        ProvisioningStep[] steps = [.. JsonText.Items(entry, "provisioningSteps").Select(StepOf)];
        string reason = Text(error, "reason") ?? otherwise.Reason ?? ReasonOf(steps) ?? $"Entra says {status.ToLowerInvariant()}.";
        string id = Text(source, "id") ?? identity?.Id ?? "";
        return new ProvisioningOutcome
        {
            Time = Time(entry, "activityDateTime") ?? Time(entry, "endTime") ?? time,
            CycleId = IdOf(Text(entry, "cycleId")),
            ObjectType = TypeOf(source),
            Action = action,
            Status = ended,
            Identity = NameOf(entry, source) ?? identity?.Name ?? id,
            SourceId = id,
            TargetId = Text(JsonText.Property(entry, "targetIdentity"), "id"),
            ModifiedProperties = [.. JsonText.Items(entry, "modifiedProperties").Select(ChangeOf).OfType<AttributeChange>()],
            ErrorCode = ended == OutcomeStatus.Success && !isWarning ? null : code,
            Reason = WithAdvice(reason, Text(error, "recommendedAction")),
            Note = isWarning ? "Entra gives this as a warning." : null,
            Steps = steps,
            Duration = Duration(entry),
        };
    }

    private static (ProvisioningAction Action, OutcomeStatus Ended) EndOf(string? name, string status)
    {
        ProvisioningAction action = s_actions.GetValueOrDefault(name ?? "", ProvisioningAction.None);
        if (Is(name, StagedDelete) && !Is(status, "failure"))
            return (action, OutcomeStatus.Staged);
        OutcomeStatus ended = s_ends.GetValueOrDefault(status, OutcomeStatus.Failure);
        // A skipped operation did nothing. A skipped delete stays visible as a delete.
        bool didNothing = ended == OutcomeStatus.Skipped && action != ProvisioningAction.Delete;
        return (didNothing ? ProvisioningAction.None : action, ended);
    }

    private static Guid IdOf(string? text) => Guid.TryParse(text, out Guid id) ? id : Guid.Empty;

    private static string? ReasonOf(ProvisioningStep[] steps) =>
        (steps.LastOrDefault(step => !Is(step.Status, "success")) ?? steps.LastOrDefault())?.Description;

    private static ProvisioningObjectType TypeOf(JsonElement source)
    {
        bool isGroup = Text(source, "identityType", "type")?.Contains("Group", StringComparison.OrdinalIgnoreCase) is true;
        return isGroup ? ProvisioningObjectType.Group : ProvisioningObjectType.User;
    }

    private static ProvisioningStep StepOf(JsonElement step)
    {
        string description = Text(step, "description") ?? "";
        string? skipped = Text(JsonText.Property(step, "details"), "SkipReason");
        if (skipped is not null && !description.Contains(skipped, StringComparison.OrdinalIgnoreCase))
            description = $"{description} ({skipped})".Trim();
        string? type = Text(step, "provisioningStepType", "type");
        return new ProvisioningStep(Text(step, "name") ?? "", Capital(type), Capital(Text(step, "status")), description);
    }

    private static AttributeChange? ChangeOf(JsonElement change) =>
        Text(change, "displayName") is { } name ? new AttributeChange(name, Text(change, "oldValue"), Text(change, "newValue")) : null;

    // The service puts the name that people know into one of several places.
    private static string? NameOf(JsonElement entry, JsonElement source)
    {
        JsonElement details = JsonText.Property(source, "details");
        return Text(entry, "reportableIdentifier")
            ?? ChangedNameOf(entry)
            ?? Text(details, "UserPrincipalName", "userPrincipalName")
            ?? Text(source, "displayName");
    }

    private static string? ChangedNameOf(JsonElement entry) =>
        JsonText
            .Items(entry, "modifiedProperties")
            .Where(change => Text(change, "displayName")?.ToUpperInvariant() is "USERPRINCIPALNAME" or "USERNAME")
            .Select(change => Text(change, "newValue", "oldValue"))
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

    private static JsonElement PropertyOr(JsonElement item, string name, JsonElement otherwise)
    {
        JsonElement value = JsonText.Property(item, name);
        return JsonText.Exists(value) ? value : otherwise;
    }

    private static string? Text(JsonElement item, string name) => JsonText.NotBlank(item, name);

    private static string? Text(JsonElement item, string one, string other) => Text(item, one) ?? Text(item, other);

    private static string Capital(string? text) => string.IsNullOrEmpty(text) ? "" : char.ToUpperInvariant(text[0]) + text[1..];

    private static bool Is(string? text, string other) => string.Equals(text, other, StringComparison.OrdinalIgnoreCase);
}
