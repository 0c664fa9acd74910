using System.Globalization;
using System.Text.Json;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Benchmarks;

/// <summary>People of a large company, one by number and always the same: as a source gives them, and as a directory file holds them. Each
/// eighth manages the eight that follow from its number.</summary>
internal static class MadeUpUsers
{
    private static readonly string[] s_languages = ["en-GB", "es-ES", "de-DE", "fr-FR"];

    public static string Anchor(int number) => string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{number:D12}");

    public static string UserName(int number) => string.Create(CultureInfo.InvariantCulture, $"person{number}@contoso.com");

    /// <summary>Number of the manager; null for the one who has none.</summary>
    public static int? Manager(int number) => number == 0 ? null : number / 8;

    public static SourceObject Make(int number, SourceLayout layout)
    {
        var user = new SourceObject(Anchor(number), layout);
        Set("objectId", user.Anchor);
        Set("userPrincipalName", UserName(number));
        Set("accountEnabled", true);
        foreach ((string name, string value) in Texts(number))
            Set(name, value);
        if (Manager(number) is { } manager)
            Set("manager", new SourceReference(Anchor(manager)));
        return user;

        void Set(string name, object value)
        {
            if (layout.SlotOf(name) is var slot and >= 0)
                user.Values[slot] = value;
        }
    }

    /// <summary>Writes them as Microsoft Graph returns them.</summary>
    public static void WriteFile(string path, int count)
    {
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file);
        json.WriteStartArray();
        for (int number = 0; number < count; number++)
        {
            Write(json, number);
            if (number % 1000 == 0)
                json.Flush();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, int number)
    {
        json.WriteStartObject();
        json.WriteString("id", Anchor(number));
        json.WriteString("userPrincipalName", UserName(number));
        json.WriteBoolean("accountEnabled", true);
        foreach (
            IGrouping<string, (string Path, string Value)> group in Texts(number)
                .Select(text => (Path: SourceAttributeNames.GraphPath(text.Name), text.Value))
                .GroupBy(text => text.Path.Split('.', '[')[0])
        )
        {
            json.WritePropertyName(group.Key);
            if (group.First().Path == group.Key)
                json.WriteStringValue(group.First().Value);
            else if (group.First().Path.EndsWith(']'))
                JsonSerializer.Serialize(json, group.Select(text => text.Value));
            else
                JsonSerializer.Serialize(json, group.ToDictionary(text => text.Path[(group.Key.Length + 1)..], text => text.Value));
        }
        if (Manager(number) is { } manager)
        {
            json.WriteStartObject("manager");
            json.WriteString("id", Anchor(manager));
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static (string Name, string Value)[] Texts(int number) =>
        [
            ("displayName", string.Create(CultureInfo.InvariantCulture, $"Given{number} Family{number}")),
            ("givenName", string.Create(CultureInfo.InvariantCulture, $"Given{number}")),
            ("surname", string.Create(CultureInfo.InvariantCulture, $"Family{number}")),
            ("preferredLanguage", s_languages[number % s_languages.Length]),
            ("telephoneNumber", string.Create(CultureInfo.InvariantCulture, $"+34 93{number:D7}")),
            ("jobTitle", string.Create(CultureInfo.InvariantCulture, $"Title {number % 40}")),
            ("employeeOrgData.costCenter", string.Create(CultureInfo.InvariantCulture, $"CC-{number % 30}")),
            ("extensionAttribute10", number % 2 == 0 ? "F" : "M"),
            ("extensionAttribute11", "1980/02/02"),
            ("extensionAttribute12", string.Create(CultureInfo.InvariantCulture, $"Policy {number % 5}")),
        ];
}
