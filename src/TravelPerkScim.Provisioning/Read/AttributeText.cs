using TravelPerkScim.Mapping;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>What a text in a file stands for, by the attribute it is given for.</summary>
internal sealed class AttributeText(SourceLayout layout)
{
    /// <summary>Far above any Entra property, low enough to notice that a quotation mark swallowed half a file.</summary>
    public const int MaxLength = 64 * 1024;

    private readonly int _id = layout.SlotOf("objectId");
    private readonly int _manager = layout.SlotOf("manager");
    private readonly int _enabled = layout.SlotOf("accountEnabled");
    private readonly int _synced = layout.SlotOf("dirSyncEnabled");
    private readonly int _softDeleted = layout.SlotOf("IsSoftDeleted");

    /// <summary>Slot of accountEnabled, or -1.</summary>
    public int EnabledSlot => _enabled;

    /// <param name="fault">What is wrong with the text, when null is returned for it.</param>
    public object? Parse(int slot, string text, out string? fault)
    {
        fault = null;
        if (text.Length > MaxLength)
            fault = $"{layout.Names[slot]} is longer than {MaxLength:N0} characters";
        else if (text.Contains('\uFFFD', StringComparison.Ordinal))
            fault = $"{layout.Names[slot]} has bytes that are not UTF-8. Save the file as UTF-8 (in Excel: 'CSV UTF-8')";
        else if (slot == _manager)
            return string.IsNullOrWhiteSpace(text) ? null : new SourceReference(SourceAnchor.Canonical(text));
        else if (slot == _id)
            return SourceAnchor.Canonical(text);
        else if (slot != _enabled && slot != _synced && slot != _softDeleted)
            return text;
        else if (bool.TryParse(text, out var truth))
            return truth;
        else if (slot != _enabled)
            return text;
        else
            fault = $"accountEnabled is '{text}', neither True nor False";

        return null;
    }
}
