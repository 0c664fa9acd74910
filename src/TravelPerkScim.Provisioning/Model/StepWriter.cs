namespace TravelPerkScim.Provisioning.Model;

/// <summary>Writes how an operation or a log entry came about, step by step.</summary>
internal static class StepWriter
{
    private const string NoMatch = "No TravelPerk user has the matching attributes.";

    private static readonly ProvisioningStep s_remembered = new(
        "EntryExportUpdate",
        "Export",
        "Success",
        "Remembers the TravelPerk user as the counterpart; nothing is sent."
    );

    private static readonly Dictionary<ProvisioningAction, string> s_methods = new()
    {
        [ProvisioningAction.Create] = "POST",
        [ProvisioningAction.Delete] = "DELETE",
    };

    private static readonly Dictionary<string, string> s_exports = new(StringComparer.Ordinal)
    {
        ["POST"] = "EntryExportAdd",
        ["DELETE"] = "EntryExportDelete",
    };

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
        entry is { ScopeText: null, MatchText: null } ? null : Import(entry.Action, entry.Identity, entry.SourceId);

    private static ProvisioningStep? Scoping(ProvisioningOutcome entry) =>
        entry switch
        {
            { ScopeText: { } scope } => Scoped(scope),
            { Action: ProvisioningAction.Disable, Status: OutcomeStatus.Success } => Scoped(entry.Reason),
            _ => null,
        };

    private static ProvisioningStep? Matching(ProvisioningOutcome entry) =>
        entry switch
        {
            { MatchText: null } => null,
            { MatchText: var match, TargetId: { } id, Action: not ProvisioningAction.Create } => Matched(
                $"{match} It is TravelPerk {entry.ObjectType.Noun()} {id}."
            ),
            _ => Matched(entry.MatchText),
        };

    private static ProvisioningStep Export(ProvisioningOutcome entry) =>
        Noted(
            entry.Note,
            entry switch
            {
                { Status: OutcomeStatus.Failure } => NotSent("Failure", entry.Reason),
                { Status: OutcomeStatus.Staged } => NotSent("Skipped", $"Staged: {entry.Reason}"),
                { Status: OutcomeStatus.Skipped } => NotSent("Skipped", entry.Reason),
                { Action: ProvisioningAction.Link } => s_remembered,
                _ => Sent(entry, s_methods.GetValueOrDefault(entry.Action, "PATCH")),
            }
        );

    private static ProvisioningStep Noted(string? note, ProvisioningStep step) =>
        note is null ? step : step with { Description = $"{step.Description.TrimEnd('.')}. {note}" };

    private static ProvisioningStep Sent(ProvisioningOutcome entry, string method)
    {
        string endpoint = entry.ObjectType.Endpoint();
        string path = entry is { Action: not ProvisioningAction.Create, TargetId: { } id } ? $"{endpoint}/{id}" : endpoint;
        if (entry.ModifiedProperties.Count == 0)
            return Sent(method, $"{method} {path}");
        IEnumerable<string> values = entry.ModifiedProperties.Select(p => $"{p.Attribute}: {p.WrittenText}");
        return Sent(method, $"{method} {path} with {string.Join(", ", values)}");
    }

    private static ProvisioningStep Import(ProvisioningOperation operation) =>
        operation is { Action: ProvisioningAction.Delete, Group: not null }
            ? Imported(operation.Reason)
            : Import(operation.Action, operation.Identity, operation.SourceId);

    private static ProvisioningStep Import(ProvisioningAction action, string identity, string sourceId) =>
        action == ProvisioningAction.Delete
            ? Imported($"The source says that {sourceId} was permanently deleted.")
            : Imported($"Read {identity} ({sourceId}) from the source.");

    private static ProvisioningStep? Scoping(ProvisioningOperation operation) =>
        operation switch
        {
            { Action: ProvisioningAction.Delete } => null,
            { Desired.ScopeReason: { } reason } => Scoped(reason),
            { Problem: not null, Desired: not null } => null,
            { Action: ProvisioningAction.None } => Scoped(operation.Reason) with { Status = "Skipped" },
            _ => Scoped(operation.Reason),
        };

    private static ProvisioningStep? Matching(ProvisioningOperation operation)
    {
        if (operation.Desired is not { ScopeReason: not null } user)
        {
            return operation.TargetId is { } known
                ? Matched($"Linked to TravelPerk {operation.ObjectType.Noun()} {known} by an earlier cycle.")
                : null;
        }

        if (operation.Problem is not null)
            return new("EntryMatching", "Matching", "Failure", operation.Problem);
        return user switch
        {
            { TargetId: null } => Matched(NoMatch),
            { MatchedBy: { } by } => Matched($"{Query(by, user)} found TravelPerk user {user.TargetId}."),
            _ => Matched($"Linked to TravelPerk user {user.TargetId} by an earlier cycle."),
        };
    }

    private static ProvisioningStep Export(ProvisioningOperation operation) =>
        Noted(
            operation.Note,
            operation switch
            {
                { Problem: { } problem } => NotSent("Failure", problem),
                { Staged: true } => NotSent("Skipped", $"Staged: {operation.Reason}"),
                { Request: { } request } => Sent(request.Method, request.ToString()),
                { Action: ProvisioningAction.Link } => s_remembered,
                _ => NotSent("Skipped", operation.Reason),
            }
        );

    private static ProvisioningStep Imported(string what) => new("EntryImport", "Import", "Success", what);

    private static ProvisioningStep Scoped(string what) => new("EntrySynchronizationScoping", "Scoping", "Success", what);

    private static ProvisioningStep Matched(string what) => new("EntryMatching", "Matching", "Success", what);

    private static ProvisioningStep NotSent(string status, string why) => new("EntrySynchronizationSkip", "Export", status, why);

    private static ProvisioningStep Sent(string method, string request) =>
        new(s_exports.GetValueOrDefault(method, "EntryExportUpdate"), "Export", "Success", request);

    private static string Query(TargetAttribute by, DesiredUser user) =>
        by.Flow.Redacted
            ? $"{by.Flow.TargetName} eq {AttributeChange.RedactedText}"
            : $"{by.Flow.TargetName} eq \"{MatchKey.Text(user.Values[by.Slot])}\"";
}
