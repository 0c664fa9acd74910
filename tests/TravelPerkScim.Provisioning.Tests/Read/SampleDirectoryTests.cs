using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Provisioning.Tests.Read;

/// <summary>The directory that ships in module/sample, read with the layout of the default mapping.</summary>
public class SampleDirectoryTests
{
    private static readonly CompiledMapping s_mapping = CompiledMapping.Compile(
        SynchronizationSchema.Default,
        ["accountEnabled", "displayName"]
    );

    [Fact]
    public async Task Every_user_is_read_maps_and_has_a_listed_manager()
    {
        IReadOnlyList<SourceItem> items = await ReadAsync("users.json");

        Assert.Equal(new SourceEnd(FullRead: true, Watermark: null, TotalRead: 61), items[^1]);
        Dictionary<string, SourceObject> users = Users(items);
        Assert.Equal(61, users.Count);
        Assert.All(
            users.Values,
            user =>
            {
                s_mapping.Map(user, new object?[s_mapping.Attributes.Count]);
                if (user["manager"] is SourceReference manager)
                    Assert.Contains(manager.Anchor, users.Keys);
            }
        );
        Assert.Equal(
            ["Front Desk (shared mailbox)", "Oliver Tandy"],
            users.Values.Where(u => u["accountEnabled"] is false).Select(u => u["displayName"])
        );
        Assert.Equal(
            "Joaquín Beltrán Díez",
            Assert.Single(users.Values, u => u["telephoneNumber"] is string phone && !phone.StartsWith('+'))["displayName"]
        );
    }

    [Fact]
    public async Task The_csv_lists_the_same_people()
    {
        (Dictionary<string, SourceObject>? json, Dictionary<string, SourceObject>? csv) = (
            Users(await ReadAsync("users.json")),
            Users(await ReadAsync("users.csv"))
        );
        Assert.Equal(json.Keys, csv.Keys);
        foreach (string name in new[] { "userPrincipalName", "displayName", "surname", "jobTitle", "telephoneNumber", "accountEnabled" })
            Assert.Equal(json.Values.Select(u => u[name]), csv.Values.Select(u => u[name]));
    }

    [Fact]
    public async Task Some_days_later_one_of_each_has_happened()
    {
        IReadOnlyList<SourceItem> items = await ReadAsync("users-next.json");
        (Dictionary<string, SourceObject>? before, Dictionary<string, SourceObject>? after) = (
            Users(await ReadAsync("users.json")),
            Users(items)
        );

        Assert.Equal(new SourceEnd(FullRead: true, Watermark: null, TotalRead: 61), items[^1]);
        Assert.Equal("Adèle Kjær", Assert.Single(after.Values, u => !before.ContainsKey(u.Anchor))["displayName"]);
        string removed = Assert.Single(items.OfType<SourceRemoval>()).Anchor;
        Assert.Equal("Henrik Lindström", before[removed]["displayName"]);
        Assert.Equal(
            "Chloé Bérenger",
            Assert.Single(before.Values, u => u.Anchor != removed && !after.ContainsKey(u.Anchor))["displayName"]
        );
        Assert.Equal(
            [
                "accountEnabled of Caleb Foster",
                "jobTitle of Pau Ribes Soler",
                "manager of Gonzalo Peralta Ríos",
                "telephoneNumber of Joaquín Beltrán Díez",
            ],
            after
                .Values.Where(u => before.ContainsKey(u.Anchor))
                .SelectMany(u =>
                    s_mapping.Layout.Names.Where(n => !Equals(u[n], before[u.Anchor][n])).Select(n => $"{n} of {u["displayName"]}")
                )
                .Order(StringComparer.Ordinal)
        );
    }

    private static Dictionary<string, SourceObject> Users(IEnumerable<SourceItem> items) =>
        items.OfType<SourceEntry>().ToDictionary(e => e.Object.Anchor, e => e.Object);

    private static async Task<IReadOnlyList<SourceItem>> ReadAsync(string name)
    {
        var items = new List<SourceItem>();
        await foreach (
            SourceItem item in new FileSource(Path.Combine(AppContext.BaseDirectory, "sample", name)).ReadAsync(
                s_mapping.Layout,
                null,
                CancellationToken.None
            )
        )
        {
            items.Add(item);
        }

        Assert.Empty(items.OfType<SourceFault>());
        return items;
    }
}
