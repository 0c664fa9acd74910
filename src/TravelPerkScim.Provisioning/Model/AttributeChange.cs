using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>One attribute that an operation writes.</summary>
/// <param name="Attribute">Target attribute path.</param>
/// <param name="OldValue">What TravelPerk holds, as text; null when nothing, or when it was not read.</param>
/// <param name="NewValue">What will be written, as text; null clears it.</param>
public sealed record AttributeChange(string Attribute, string? OldValue, string? NewValue)
{
    /// <summary>What TravelPerk holds, as text; null when nothing, or when it was not read.</summary>
    public string? OldValue { get; init; } = ShownText.OfAny(OldValue);

    /// <summary>What will be written, as text; null clears it.</summary>
    public string? NewValue { get; init; } = ShownText.OfAny(NewValue);

    /// <summary>What logs show of a value the mapping redacts (Entra's Redact function).</summary>
    public const string RedactedText = "[Redact]";

    // The row of a new user says who it is already, and all of them are active.
    private static readonly string[] s_alike = ["userName", "externalId", "active"];

    // Extension attributes and names are long; the last part says which one it is.
    private string ShortName =>
        Attribute.StartsWith("name.", StringComparison.OrdinalIgnoreCase)
            ? Attribute["name.".Length..]
            : Attribute[(Attribute.LastIndexOf(':') + 1)..];

    /// <inheritdoc/>
    public override string ToString() => $"{Attribute}: {OldValue ?? "(none)"} -> {NewValue ?? "(none)"}";

    /// <summary>Changes in one line; of a new user the values that tell it from the others. Null when there are none.</summary>
    internal static string? Describe(IReadOnlyList<AttributeChange> changes, ProvisioningAction action)
    {
        List<AttributeChange> telling =
            action == ProvisioningAction.Create
                ? [.. changes.Where(c => !s_alike.Contains(c.Attribute, StringComparer.OrdinalIgnoreCase))]
                : [.. changes];
        return telling.Count == 0
            ? changes.Count == 0
                ? null
                : string.Join(", ", changes.Select(c => c.ShortName))
            : string.Join(
                ", ",
                telling.Select(c =>
                    action == ProvisioningAction.Create
                        ? $"{c.ShortName}: {c.NewValue}"
                        : $"{c.ShortName}: {c.OldValue ?? "(none)"} -> {c.NewValue ?? "(none)"}"
                )
            );
    }
}
