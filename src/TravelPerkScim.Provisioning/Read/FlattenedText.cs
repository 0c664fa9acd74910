using System.Buffers;
using System.Text.Json;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>
/// The text that PowerShell writes in the place of an object: the name of its type (Export-Csv; ConvertTo-Json below its -Depth), or
/// <c>@{name=value; name=value}</c>. The second form can be read back where it is unambiguous.
/// </summary>
internal static class FlattenedText
{
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<char> s_ofTypeName = SearchValues.Create(LettersAndDigits + "._`[],+");

    private static readonly SearchValues<char> s_ofMemberName = SearchValues.Create(LettersAndDigits + "_.@");

    private static readonly string[] s_types =
    [
        "Microsoft.Graph.",
        "Microsoft.ActiveDirectory.",
        "Microsoft.Open.AzureAD.",
        "Selected.System.",
        "Newtonsoft.Json.",
        "Deserialized.",
        "System.Object",
        "System.String",
        "System.Collections.",
        "System.Management.Automation.",
        "System.Text.Json.",
    ];

    /// <summary>The text stands for an object, or for a list.</summary>
    public static bool Is(string text) =>
        // The check runs for nearly every text of a file, so the first letter decides before the list of types is searched.
        text switch
        {
            ['@', ..] => IsBraced(text, "@{"),
            ['M' or 'S' or 'N' or 'D', ..] => IsTypeName(text),
            _ => false,
        };

    /// <summary>The members in the text of an object; null when it has none, or when they cannot be told apart for certain.</summary>
    public static Dictionary<string, string>? MembersOf(string text)
    {
        if (IsBraced(text, "@{"))
            return Spelled(text[2..^1]);
        return IsBraced(text, "{") ? Json(text) : null;
    }

    /// <summary>The first item of a list written as text: <c>{a, b}</c>, <c>["a"]</c>, <c>a;b</c>, or the item alone; null for an empty
    /// list.</summary>
    public static string? FirstItem(string text)
    {
        text = text.Trim();
        bool isBracketed = text.StartsWith('[') && text.EndsWith(']');
        if (isBracketed || IsBraced(text, "{"))
            text = text[1..^1];
        int end = text.AsSpan().IndexOfAny(',', ';', '|');
        text = (end < 0 ? text : text[..end]).Trim().Trim('"', '\'');
        return text.Length == 0 ? null : text;
    }

    private static bool IsBraced(string text, string open) => text.StartsWith(open, StringComparison.Ordinal) && text.EndsWith('}');

    private static bool IsTypeName(string text) =>
        Array.Exists(s_types, type => text.StartsWith(type, StringComparison.Ordinal)) && !text.AsSpan().ContainsAnyExcept(s_ofTypeName);

    // A value may hold any text. A part without a name, or a name that comes twice, leaves open where a value ends.
    private static Dictionary<string, string>? Spelled(string text)
    {
        var members = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string part in text.Split("; "))
        {
            int end = part.IndexOf('=', StringComparison.Ordinal);
            if (end <= 0)
                return null;
            bool isName = !part.AsSpan(0, end).ContainsAnyExcept(s_ofMemberName);
            if (!isName || !members.TryAdd(part[..end], part[(end + 1)..]))
                return null;
        }

        return members;
    }

    private static Dictionary<string, string>? Json(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json
                .RootElement.EnumerateObject()
                .Where(member => member.Value.ValueKind == JsonValueKind.String)
                .DistinctBy(member => member.Name, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(member => member.Name, member => member.Value.GetString()!, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
