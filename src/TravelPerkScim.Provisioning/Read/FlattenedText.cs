using System.Text.Json;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>
/// The text that PowerShell writes in the place of an object: the name of its type (Export-Csv; ConvertTo-Json below its -Depth), or
/// <c>@{name=value; name=value}</c>. The second form can be read back where it is unambiguous.
/// </summary>
internal static class FlattenedText
{
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
        text is ['@', ..]
            ? IsBraced(text, "@{")
            : text is ['M' or 'S' or 'N' or 'D', ..] && IsTypeName(text);

    /// <summary>The members in the text of an object; null when it has none, or when they cannot be told apart for certain.</summary>
    public static Dictionary<string, string>? MembersOf(string text) =>
        IsBraced(text, "@{") ? Spelled(text[2..^1])
        : IsBraced(text, "{") ? Json(text)
        : null;

    /// <summary>The first item of a list written as text: <c>{a, b}</c>, <c>["a"]</c>, <c>a;b</c>, or the item alone; null for an empty
    /// list.</summary>
    public static string? FirstItem(string text)
    {
        text = text.Trim();
        if (IsBraced(text, "{") || (text.StartsWith('[') && text.EndsWith(']')))
            text = text[1..^1];
        int end = text.AsSpan().IndexOfAny(',', ';', '|');
        text = (end < 0 ? text : text[..end]).Trim().Trim('"', '\'');
        return text.Length == 0 ? null : text;
    }

    private static bool IsBraced(string text, string open) => text.StartsWith(open, StringComparison.Ordinal) && text.EndsWith('}');

    private static bool IsTypeName(string text) =>
        Array.Exists(s_types, type => text.StartsWith(type, StringComparison.Ordinal))
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '`' or '[' or ']' or ',' or '+');

    // A value may hold any text. A part without a name, or a name that comes twice, leaves open where a value ends.
    private static Dictionary<string, string>? Spelled(string text)
    {
        var members = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string part in text.Split("; "))
        {
            string name = part.IndexOf('=', StringComparison.Ordinal) is > 0 and var end ? part[..end] : "";
            if (
                name.Length == 0
                || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '@')
                || !members.TryAdd(name, part[(name.Length + 1)..])
            )
            {
                return null;
            }
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
