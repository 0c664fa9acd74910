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

    // The row of a new user shows the user's identity already, and every new user is active.
    private static readonly string[] s_alike = ["userName", "externalId", "active"];

    // Paths of extension attributes and of names are long. The last part names the attribute.
    private string ShortName =>
        Attribute.StartsWith("name.", StringComparison.OrdinalIgnoreCase)
            ? Attribute["name.".Length..]
            : Attribute[(Attribute.LastIndexOf(':') + 1)..];

    private bool IsTelling => !s_alike.Contains(Attribute, StringComparer.OrdinalIgnoreCase);

    private string NewText => $"{ShortName}: {NewValue}";

    private string OldText => OldValue ?? "(none)";

    /// <summary>What will be written, in words.</summary>
    internal string WrittenText => NewValue ?? "(none)";

    private string ChangeText => $"{ShortName}: {OldText} -> {WrittenText}";

    /// <inheritdoc/>
    public override string ToString() => $"{Attribute}: {OldText} -> {WrittenText}";

    /// <summary>Changes in one line; for a new user, the values that tell the user from other users. Null when there are no
    /// changes.</summary>
    internal static string? Describe(IReadOnlyList<AttributeChange> changes, ProvisioningAction action)
    {
        if (changes.Count == 0)
            return null;
        if (action != ProvisioningAction.Create)
            return string.Join(", ", changes.Select(c => c.ChangeText));
        string[] telling = [.. changes.Where(c => c.IsTelling).Select(c => c.NewText)];
        return string.Join(", ", telling.Length > 0 ? telling : changes.Select(c => c.ShortName));
    }
}
