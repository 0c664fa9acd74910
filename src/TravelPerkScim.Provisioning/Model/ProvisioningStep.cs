using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>One step of how an operation came about (Graph provisioningStep): import, scoping, matching, export.</summary>
/// <param name="Name">Entra's name: EntryImport, EntrySynchronizationScoping, EntryMatching, EntryExportAdd, EntryExportUpdate,
/// EntryExportDelete or EntrySynchronizationSkip.</param>
/// <param name="Type">Import, Scoping, Matching or Export.</param>
/// <param name="Status">Success, Skipped or Failure.</param>
/// <param name="Description">What was found or will be done, in a sentence.</param>
public sealed record ProvisioningStep(string Name, string Type, string Status, string Description)
{
    /// <summary>What was found or will be done, in a sentence.</summary>
    public string Description { get; init; } = ShownText.Of(Description);

    /// <inheritdoc/>
    public override string ToString() => $"{Type}: {Description}";
}
