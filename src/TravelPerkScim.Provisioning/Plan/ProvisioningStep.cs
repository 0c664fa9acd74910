using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>One step of how an operation came about (Graph provisioningStep): import, scoping, matching, export.</summary>
/// <param name="Name">Entra's name: EntryImport, EntrySynchronizationScoping, EntryMatching, EntryExportAdd, EntryExportUpdate, EntryExportDelete or EntrySynchronizationSkip.</param>
/// <param name="Type">Import, Scoping, Matching or Export.</param>
/// <param name="Status">Success, Skipped or Failure.</param>
/// <param name="Description">What was found or will be done, in a sentence.</param>
public sealed record ProvisioningStep(string Name, string Type, string Status, string Description)
{
    /// <summary>What was found or will be done, in a sentence.</summary>
    public string Description { get; init; } = ShownText.Of(Description);

    /// <inheritdoc/>
    public override string ToString() => $"{Type}: {Description}";

    internal static IReadOnlyList<ProvisioningStep> Of(ProvisioningOperation operation) =>
        operation.SourceId.Length == 0 ? [new("EntryMatching", "Matching", "Skipped", operation.Reason)] :
        [.. new[] { Import(operation), Scoping(operation), Matching(operation), Export(operation) }.OfType<ProvisioningStep>()];

    private static ProvisioningStep Import(ProvisioningOperation operation) => operation.Action == ProvisioningAction.Delete
        ? new("EntryImport", "Import", "Success", operation.Group is null ? $"The source says that {operation.SourceId} was permanently deleted." : operation.Reason)
        : new("EntryImport", "Import", "Success", $"Read {operation.Identity} ({operation.SourceId}) from the source.");

    private static ProvisioningStep? Scoping(ProvisioningOperation operation) => operation switch
    {
        { Action: ProvisioningAction.Delete } => null,
        { Desired.ScopeReason: { } reason } => new("EntrySynchronizationScoping", "Scoping", "Success", reason),
        { Problem: not null, Desired: not null } => null,
        _ => new("EntrySynchronizationScoping", "Scoping", operation.Action == ProvisioningAction.None ? "Skipped" : "Success", operation.Reason),
    };

    private static ProvisioningStep? Matching(ProvisioningOperation operation)
    {
        if (operation.Desired is not { ScopeReason: not null } user)
            return operation.TargetId is { } known ? new("EntryMatching", "Matching", "Success", $"Linked to TravelPerk {(operation.ObjectType == ProvisioningObjectType.Group ? "group" : "user")} {known} by an earlier cycle.") : null;
        if (operation.Problem is not null)
            return new("EntryMatching", "Matching", "Failure", operation.Problem);
        return user switch
        {
            { MatchedBy: { } by, TargetId: { } id } => new("EntryMatching", "Matching", "Success", $"{Query(by, user)} found TravelPerk user {id}."),
            { TargetId: { } id } => new("EntryMatching", "Matching", "Success", $"Linked to TravelPerk user {id} by an earlier cycle."),
            _ => new("EntryMatching", "Matching", "Success", "Found nobody in TravelPerk with the matching attributes."),
        };
    }

    private static ProvisioningStep Export(ProvisioningOperation operation) => operation switch
    {
        { Problem: { } problem } => new("EntrySynchronizationSkip", "Export", "Failure", problem),
        { Staged: true } => new("EntrySynchronizationSkip", "Export", "Skipped", $"Staged: {operation.Reason}"),
        { Request: { } request } => new(
            request.Method switch { "POST" => "EntryExportAdd", "DELETE" => "EntryExportDelete", _ => "EntryExportUpdate" }, "Export", "Success", request.ToString()),
        { Action: ProvisioningAction.Link } => new("EntryExportUpdate", "Export", "Success", "Remembers the TravelPerk user as the counterpart; nothing is sent."),
        _ => new("EntrySynchronizationSkip", "Export", "Skipped", operation.Reason),
    };

    private static string Query(TargetAttribute by, DesiredUser user) =>
        by.Flow.Redacted ? $"{by.Flow.TargetName} eq {AttributeChange.RedactedText}" : $"{by.Flow.TargetName} eq \"{MatchKey.Text(user.Values[by.Slot])}\"";
}
