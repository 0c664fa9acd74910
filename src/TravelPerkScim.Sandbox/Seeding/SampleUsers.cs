using System.Globalization;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Seeding;

/// <summary>Made-up people, reproducible from a seed.</summary>
internal sealed class SampleUsers(SandboxOptions options)
{
    private static readonly string[] s_given =
    [
        "Marlen",
        "Jack",
        "Ana",
        "Iker",
        "Chloe",
        "Jonas",
        "Amara",
        "Wei",
        "Priya",
        "Tomas",
        "Sofia",
        "Noah",
        "Zeynep",
        "Lars",
        "Ines",
        "Omar",
    ];
    private static readonly string[] s_family =
    [
        "Col",
        "Jackson",
        "Garcia",
        "Etxeberria",
        "Martin",
        "Schmidt",
        "Okafor",
        "Zhang",
        "Nair",
        "Novak",
        "Rossi",
        "Smith",
        "Yilmaz",
        "Nilsen",
        "Costa",
        "Haddad",
    ];
    private static readonly string[] s_titles = ["Engineer", "Accountant", "Designer", "Analyst", "Recruiter", "Buyer"];
    private static readonly string[] s_languages = ["en", "fr", "de", "es"];

    /// <param name="first">Number of the first one; another call with a later number makes other people.</param>
    /// <param name="count">How many.</param>
    public IEnumerable<(JsonObject User, bool Manages)> Create(long first, int count)
    {
        for (int i = 0; i < count; i++)
            yield return (Create(first + i, new Random(HashCode(first + i))), i % 10 == 0);
    }

    public static JsonObject WithManager(JsonObject user, string managerId)
    {
        Enterprise(user)["manager"] = new JsonObject { ["value"] = managerId };
        return user;
    }

    /// <summary>A copy that lists the schemas it uses.</summary>
    public static JsonObject WithSchemas(JsonObject user)
    {
        JsonObject complete = ScimJson.ParseStored(ScimJson.ToBytes(user));
        IEnumerable<string> used = complete
            .Select(member => member.Key)
            .Where(key => key.StartsWith("urn:", StringComparison.OrdinalIgnoreCase));
        complete["schemas"] ??= new JsonArray([
            .. UserSchemas.Published.All.Select(schema => schema.Urn).Union(used).Select(urn => JsonValue.Create(urn)),
        ]);
        return complete;
    }

    private static JsonObject Enterprise(JsonObject user)
    {
        if (user[SchemaDefinition.Enterprise.Urn] is JsonObject extension)
            return extension;
        extension = [];
        user[SchemaDefinition.Enterprise.Urn] = extension;
        return extension;
    }

    // Not System.HashCode, which differs from run to run.
    private int HashCode(long number) => unchecked((options.Seed * 397) ^ ((int)number * 16777619));

    private JsonObject Create(long number, Random random)
    {
        string given = Pick(random, s_given),
            family = Pick(random, s_family);
        string suffix = number.ToString(CultureInfo.InvariantCulture);
        JsonObject user = new()
        {
            ["externalId"] = new Guid((int)number, 0, 0x4000, 0x80, 0, 0, 0, 0, 0, 0, (byte)options.Seed).ToString(),
            ["userName"] = $"{given}.{family}.{suffix}@example.com",
            ["name"] = new JsonObject { ["givenName"] = given, ["familyName"] = family },
            ["title"] = Pick(random, s_titles),
            ["preferredLanguage"] = Pick(random, s_languages),
            ["active"] = true,
            ["phoneNumbers"] = new JsonArray(
                new JsonObject
                {
                    ["value"] = $"+34 {random.Next(600_000_000, 699_999_999).ToString(CultureInfo.InvariantCulture)}",
                    ["type"] = "work",
                }
            ),
        };
        if (options.CostCenters is null or { Count: > 0 })
            Enterprise(user)["costCenter"] = options.CostCenters is { } known ? known.ElementAt(random.Next(known.Count)) : "Marketing";
        user[SchemaDefinition.TravelPerk.Urn] = new JsonObject
        {
            ["gender"] = random.Next(2) == 0 ? "F" : "M",
            ["dateOfBirth"] = new DateOnly(1960, 1, 1).AddDays(random.Next(15_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        return user;
    }

    private static string Pick(Random random, string[] values) => values[random.Next(values.Length)];
}
