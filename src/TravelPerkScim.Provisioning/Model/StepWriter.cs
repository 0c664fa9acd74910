namespace TravelPerkScim.Provisioning.Model;

/// <summary>Writes how an operation or a log entry came about, step by step.</summary>
internal static class StepWriter
{
    private const string NoMatch = "No TravelPerk user has the matching attributes.";

    public static IReadOnlyList<ProvisioningStep> StepsOf(ProvisioningOperation operation) =>
        operation.SourceId.Length == 0
            ? [new("EntryMatching", "Matching", "Skipped", operation.Reason)]
            : [.. new[] { Import(operation), Scoping(operation), Matching(operation), Export(operation) }.OfType<ProvisioningStep>()];

    /// <summary>The steps of a log entry, which keeps the decision and the values that were written.</summary>
    public static IReadOnlyList<ProvisioningStep> StepsOf(ProvisioningOutcome entry) =>
        [.. new[] { Import(entry), Scoping(entry), Matching(entry), Export(entry) }.OfType<ProvisioningStep>()];

    /// <summary>How the TravelPerk user was found, in a sentence that many operations share; null where no user was looked for.</summary>
    public static string? MatchOf(ProvisioningOperation operation) =>
        operation switch
        {
            { Problem: not null } => null,
            { Desired: { MatchedBy: { } by, TargetId: not null } } => $"Found by {by.Flow.TargetName}.",
            { TargetId: not null, Action: not ProvisioningAction.Create } => "Linked by an earlier cycle.",
            { Desired: not null } => NoMatch,
            _ => null,
        };

    private static ProvisioningStep? Import(ProvisioningOutcome entry) =>
        entry.ScopeText is null && entry.MatchText is null ? null
        : entry.Action == ProvisioningAction.Delete
            ? new("EntryImport", "Import", "Success", $"The source says that {entry.SourceId} was permanently deleted.")
        : new("EntryImport", "Import", "Success", $"Read {entry.Identity} ({entry.SourceId}) from the source.");

    private static ProvisioningStep? Scoping(ProvisioningOutcome entry) =>
        entry.ScopeText is { } scope ? new("EntrySynchronizationScoping", "Scoping", "Success", scope)
        : entry.Action == ProvisioningAction.Disable && entry.Status == OutcomeStatus.Success
            ? new("EntrySynchronizationScoping", "Scoping", "Success", entry.Reason)
        : null;

    private static ProvisioningStep? Matching(ProvisioningOutcome entry) =>
        entry.MatchText is { } match
            ? new(
                "EntryMatching",
                "Matching",
                "Success",
                entry is { TargetId: { } id, Action: not ProvisioningAction.Create }
                    ? $"{match} It is TravelPerk {Noun(entry.ObjectType)} {id}."
                    : match
            )
            : null;

    private static ProvisioningStep Export(ProvisioningOutcome entry) =>
        Noted(
            entry.Note,
            entry switch
            {
                { Status: OutcomeStatus.Failure } => new("EntrySynchronizationSkip", "Export", "Failure", entry.Reason),
                { Status: OutcomeStatus.Staged } => new("EntrySynchronizationSkip", "Export", "Skipped", $"Staged: {entry.Reason}"),
                { Status: OutcomeStatus.Skipped } => new("EntrySynchronizationSkip", "Export", "Skipped", entry.Reason),
                { Action: ProvisioningAction.Create } => new("EntryExportAdd", "Export", "Success", Sent("POST", entry)),
                { Action: ProvisioningAction.Delete } => new("EntryExportDelete", "Export", "Success", Sent("DELETE", entry)),
                { Action: ProvisioningAction.Link } => new(
                    "EntryExportUpdate",
                    "Export",
                    "Success",
                    "Remembers the TravelPerk user as the counterpart; nothing is sent."
                ),
                _ => new("EntryExportUpdate", "Export", "Success", Sent("PATCH", entry)),
            }
        );

    private static ProvisioningStep Noted(string? note, ProvisioningStep step) =>
        note is null ? step : step with { Description = $"{step.Description.TrimEnd('.')}. {note}" };

    private static string Sent(string method, ProvisioningOutcome entry)
    {
        string resource = entry.ObjectType == ProvisioningObjectType.Group ? "Groups" : "Users";
        string path = entry.Action == ProvisioningAction.Create || entry.TargetId is null ? resource : $"{resource}/{entry.TargetId}";
        if (entry.ModifiedProperties.Count == 0)
            return $"{method} {path}";
        IEnumerable<string> values = entry.ModifiedProperties.Select(p => $"{p.Attribute}: {p.NewValue ?? "(none)"}");
        return $"{method} {path} with {string.Join(", ", values)}";
    }

    private static string Noun(ProvisioningObjectType type) => type == ProvisioningObjectType.Group ? "group" : "user";

    private static ProvisioningStep Import(ProvisioningOperation operation) =>
        operation.Action == ProvisioningAction.Delete
            ? new(
                "EntryImport",
                "Import",
                "Success",
                operation.Group is null ? $"The source says that {operation.SourceId} was permanently deleted." : operation.Reason
            )
            : new("EntryImport", "Import", "Success", $"Read {operation.Identity} ({operation.SourceId}) from the source.");

    private static ProvisioningStep? Scoping(ProvisioningOperation operation) =>
        operation switch
        {
            { Action: ProvisioningAction.Delete } => null,
            { Desired.ScopeReason: { } reason } => new("EntrySynchronizationScoping", "Scoping", "Success", reason),
            { Problem: not null, Desired: not null } => null,
            _ => new(
                "EntrySynchronizationScoping",
                "Scoping",
                operation.Action == ProvisioningAction.None ? "Skipped" : "Success",
                operation.Reason
            ),
        };

    private static ProvisioningStep? Matching(ProvisioningOperation operation)
    {
        if (operation.Desired is not { ScopeReason: not null } user)
        {
            return operation.TargetId is { } known
                ? new(
                    "EntryMatching",
                    "Matching",
                    "Success",
                    $"Linked to TravelPerk {Noun(operation.ObjectType)} {known} by an earlier cycle."
                )
                : null;
        }

        if (operation.Problem is not null)
            return new("EntryMatching", "Matching", "Failure", operation.Problem);
        return user switch
        {
            { MatchedBy: { } by, TargetId: { } id } => new(
                "EntryMatching",
                "Matching",
                "Success",
                $"{Query(by, user)} found TravelPerk user {id}."
            ),
            { TargetId: { } id } => new("EntryMatching", "Matching", "Success", $"Linked to TravelPerk user {id} by an earlier cycle."),
            _ => new("EntryMatching", "Matching", "Success", NoMatch),
        };
    }

    private static ProvisioningStep Export(ProvisioningOperation operation) =>
        Noted(
            operation.Note,
            operation switch
            {
                { Problem: { } problem } => new("EntrySynchronizationSkip", "Export", "Failure", problem),
                { Staged: true } => new("EntrySynchronizationSkip", "Export", "Skipped", $"Staged: {operation.Reason}"),
                { Request: { } request } => new(
                    request.Method switch
                    {
                        "POST" => "EntryExportAdd",
                        "DELETE" => "EntryExportDelete",
                        _ => "EntryExportUpdate",
                    },
                    "Export",
                    "Success",
                    request.ToString()
                ),
                { Action: ProvisioningAction.Link } => new(
                    "EntryExportUpdate",
                    "Export",
                    "Success",
                    "Remembers the TravelPerk user as the counterpart; nothing is sent."
                ),
                _ => new("EntrySynchronizationSkip", "Export", "Skipped", operation.Reason),
            }
        );

    private static string Query(TargetAttribute by, DesiredUser user) =>
        by.Flow.Redacted
            ? $"{by.Flow.TargetName} eq {AttributeChange.RedactedText}"
            : $"{by.Flow.TargetName} eq \"{MatchKey.Text(user.Values[by.Slot])}\"";
}
