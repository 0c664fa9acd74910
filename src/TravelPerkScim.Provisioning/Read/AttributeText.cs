using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>Turns a text of a file into the value of its attribute.</summary>
public sealed partial class AttributeText
{
    /// <summary>The length is far above any Entra property, and low enough to notice that a quotation mark swallowed half a file.</summary>
    internal const int MaxLength = 64 * 1024;

    // .NET's form of a date, which Windows PowerShell writes into JSON.
    private const string DateBegin = "/Date(";

    // The first moment of the year 1, and one in the year 9892: .NET has no date outside the years 1 to 9999.
    private const long FirstMoment = -62_135_596_800_000;
    private const long LastMoment = 250_000_000_000_000;

    private static readonly SearchValues<char> s_controls = SearchValues.Create([
        .. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(char.IsControl),
    ]);

    private static readonly string[] s_names = ["id", "objectId", "userPrincipalName", "mail"];

    private readonly SourceLayout _layout;
    private readonly int _id;
    private readonly int _manager;
    private readonly int _enabled;

    // By slot, because the question is asked for every text of a file.
    private readonly bool[] _isTruth;

    /// <param name="layout">The attributes.</param>
    public AttributeText(SourceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        _layout = layout;
        _id = layout.SlotOf("objectId");
        _manager = layout.SlotOf("manager");
        _enabled = layout.SlotOf("accountEnabled");
        int[] truths = [_enabled, layout.SlotOf("dirSyncEnabled"), layout.SlotOf("IsSoftDeleted")];
        _isTruth = [.. Enumerable.Range(0, layout.Names.Count).Select(truths.Contains)];
    }

    /// <summary>Slot of accountEnabled, or -1.</summary>
    internal int EnabledSlot => _enabled;

    /// <summary>The value for a slot; <see cref="IgnoredFlow.NotGiven"/> when the text stands for an object that was not written.</summary>
    /// <param name="slot">The attribute.</param>
    /// <param name="text">The attribute's text.</param>
    /// <param name="fault">The fault of the text, when null is returned for it.</param>
    public object? Parse(int slot, string text, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        fault = Fault(_layout.Names[slot], text);
        if (fault is not null)
            return null;

        if (slot == _manager)
            return Manager(text);

        if (slot == _id)
            return SourceAnchor.Canonical(text);

        if (_isTruth[slot])
            return Truth(slot, text, out fault);

        return FlattenedText.Is(text) ? IgnoredFlow.NotGiven : Date(text) ?? text;
    }

    /// <summary>The id in its canonical form; null when the text is no id.</summary>
    internal static string? Id(string text)
    {
        if (string.IsNullOrWhiteSpace(text) || Fault("id", text) is not null)
            return null;
        if (FlattenedText.Is(text) || text.AsSpan().ContainsAny(s_controls))
            return null;
        return SourceAnchor.Canonical(text);
    }

    /// <summary>Whether a deletedDateTime says that the account is deleted.</summary>
    /// <param name="text">The date's text. An empty text, and the date that .NET has for no date, are no deletion.</param>
    /// <param name="fault">The fault of the text.</param>
    internal static bool IsDeleted(string text, out string? fault)
    {
        string moment = Date(text) ?? text;
        fault = null;
        if (string.IsNullOrWhiteSpace(text) || IsNoDate(moment))
            return false;

        if (moment.Count(char.IsAsciiDigit) >= 6)
            return true;

        fault = Fault("deletedDateTime", text) ?? $"deletedDateTime is '{text}', not a date";
        return false;
    }

    // .NET's DateTime.MinValue is the first day of the year 1. Each culture writes it in another order and with other marks.
    private static bool IsNoDate(string moment) =>
        DigitRun().Matches(moment).Take(3).Select(run => run.Value.TrimStart('0')).ToArray() is ["1", "1", "1"];

    private static string? Fault(string name, string text)
    {
        if (text.Length > MaxLength)
            return $"{name} is longer than {MaxLength:N0} characters";

        // Nearly every text is ASCII. One pass over the text then replaces two.
        if (Ascii.IsValid(text))
            return null;

        if (text.Contains('\uFFFD', StringComparison.Ordinal))
            return $"{name} has bytes that are not UTF-8. Save the file as UTF-8 (in Excel: 'CSV UTF-8')";

        return HasHalfCharacter(text)
            ? $"{name} has half of a character (a surrogate without its other half), which no service takes. Correct it in the directory"
            : null;
    }

    private static bool HasHalfCharacter(string text)
    {
        for (int at = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0 && at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
                continue;

            if (!char.IsSurrogatePair(text, at))
                return true;

            at++;
        }

        return false;
    }

    private object? Truth(int slot, string text, out string? fault)
    {
        fault = null;
        if (string.IsNullOrWhiteSpace(text))
            return null;

        if (bool.TryParse(text, out bool truth))
            return truth;

        if (slot != _enabled)
            return text;

        fault = $"accountEnabled is '{text}', neither True nor False";
        return null;
    }

    private static object? Manager(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;

        string? id = text.Trim();
        if (FlattenedText.MembersOf(id) is { } members)
            id = NamedBy(members);
        else if (FlattenedText.Is(id) || id.StartsWith('{'))
            id = null;
        return id is null ? IgnoredFlow.NotGiven : new SourceReference(SourceAnchor.Canonical(id));
    }

    private static string? NamedBy(Dictionary<string, string> members) =>
        s_names.Select(name => members.GetValueOrDefault(name)).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));

    private static string? Date(string text)
    {
        if (!text.StartsWith(DateBegin, StringComparison.Ordinal) || !text.EndsWith(")/", StringComparison.Ordinal))
            return null;

        string moment = text[DateBegin.Length..^2];
        int zone = moment.AsSpan(1).IndexOfAny('+', '-');
        string number = zone < 0 ? moment : moment[..(zone + 1)];
        if (!long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long milliseconds))
            return null;
        if (milliseconds is < FirstMoment or >= LastMoment)
            return null;
        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex DigitRun();
}
