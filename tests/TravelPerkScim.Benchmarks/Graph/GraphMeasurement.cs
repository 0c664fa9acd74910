using System.Diagnostics;
using System.Globalization;
using Azure.Core;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Benchmarks;

/// <summary>A full and an idle read of a large tenant through the Graph SDK, from a stand-in in the same process.</summary>
internal sealed class GraphMeasurement : IMeasurement
{
    private const int AllowedMegabytes = 100;

    private static readonly SourceLayout s_layout = new([
        "objectId",
        "userPrincipalName",
        "displayName",
        "accountEnabled",
        "givenName",
        "surname",
        "department",
        "manager",
    ]);

    public string Verb => "graph";

    public string Summary =>
        "Reads a tenant of --users (100000) through Microsoft Graph's SDK; all are in one assigned group. "
        + "Then the --assigned (60) users, in 3 groups, of a tenant of --tenant (60000) users and --groups (15000) groups.";

    public IReadOnlyList<Figure> Run(Arguments arguments) =>
        [
            .. EveryoneAsync(arguments.Users(100_000, inAll: 20_000)).GetAwaiter().GetResult(),
            .. FewAsync(arguments.Number("tenant", 60_000), arguments.Number("groups", 15_000), arguments.Number("assigned", 60))
                .GetAwaiter()
                .GetResult(),
        ];

    /// <summary>What a read costs whose users are few against the tenant.</summary>
    private static async Task<IReadOnlyList<Figure>> FewAsync(int tenant, int groups, int assigned)
    {
        await using var graph = new StandInGraph();
        StandInApplication application = graph.Directory.AddApplication("TravelPerk");
        List<StandInUser> users = AddUsers(graph, tenant);
        for (int i = 0; i < groups; i++)
            graph.Directory.AddGroup(string.Create(CultureInfo.InvariantCulture, $"Group {i}"));
        foreach (StandInUser[] members in users.Take(assigned).Chunk((assigned + 2) / 3))
        {
            StandInGroup group = graph.Directory.AddGroup("Travellers");
            graph.Directory.AddMember(group, members);
            graph.Directory.Assign(application, group);
        }
        using var entra = new EntraDirectory(new EntraDirectoryOptions { GraphEndpoint = graph.Endpoint, Credential = new AnyToken() });
        var source = new EntraSource(entra, Assigned(application));
        string watermark = "";
        await foreach (SourceItem item in source.ReadAsync(s_layout, null, default))
            watermark = (item as SourceEnd)?.Watermark ?? watermark;
        (long full, long units) = (entra.RequestCount, graph.ResourceUnits);
        await foreach (SourceItem item in source.ReadAsync(s_layout, watermark, default))
            _ = item;
        string beside = string.Create(CultureInfo.InvariantCulture, $"{assigned:N0} of {tenant:N0} users, {groups:N0} groups");
        return
        [
            new Figure("graph: few assigned, full read, requests", full, "requests", Goal.NoMoreThan(10), beside),
            new Figure("graph: few assigned, full read", units, "resource units", Beside: beside),
            new Figure("graph: few assigned, idle read, requests", entra.RequestCount - full, "requests", Goal.NoMoreThan(3), beside),
            new Figure("graph: few assigned, idle read", graph.ResourceUnits - units, "resource units", Beside: beside),
        ];
    }

    private static List<StandInUser> AddUsers(StandInGraph graph, int users) =>
        [
            .. Enumerable
                .Range(0, users)
                .Select(i =>
                    graph.Directory.AddUser(
                        string.Create(CultureInfo.InvariantCulture, $"user{i}@contoso.com"),
                        ("givenName", "Ana"),
                        ("surname", "Garcia"),
                        ("department", "Sales")
                    )
                ),
        ];

    private static EntraSourceSettings Assigned(StandInApplication application) =>
        new(application.Id, EntitlementScope.Assigned, IncludeNestedGroups: false, ReadGroups: false);

    private static async Task<IReadOnlyList<Figure>> EveryoneAsync(int users)
    {
        await using var graph = new StandInGraph();
        StandInApplication application = graph.Directory.AddApplication("TravelPerk");
        StandInGroup group = graph.Directory.AddGroup("Travellers");
        List<StandInUser> all = AddUsers(graph, users);
        graph.Directory.AddMember(group, all);
        graph.Directory.Assign(application, group);
        using var entra = new EntraDirectory(new EntraDirectoryOptions { GraphEndpoint = graph.Endpoint, Credential = new AnyToken() });
        var source = new EntraSource(entra, Assigned(application));

        long before = GC.GetTotalMemory(forceFullCollection: true),
            peak = before,
            read = 0;
        string watermark = "";
        var watch = Stopwatch.StartNew();
        await foreach (SourceItem item in source.ReadAsync(s_layout, null, default))
        {
            // What lives, not what waits for collection.
            if (++read % 20_000 == 0)
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true));
            watermark = (item as SourceEnd)?.Watermark ?? watermark;
        }
        double seconds = watch.Elapsed.TotalSeconds;
        long full = entra.RequestCount;
        watch.Restart();
        await foreach (SourceItem item in source.ReadAsync(s_layout, watermark, default))
            _ = item;
        return
        [
            new Figure("graph: full read", users / seconds, "users/s"),
            new Figure("graph: full read, requests", full, "requests"),
            new Figure(
                "graph: full read, memory that lives",
                (peak - before) / 1e6,
                "MB",
                Goal.NoMoreThan(AllowedMegabytes),
                $"{users:N0} users"
            ),
            new Figure("graph: watermark", (double)watermark.Length / users, "bytes/user", Goal.NoMoreThan(25)),
            new Figure("graph: idle read, requests", entra.RequestCount - full, "requests", Goal.NoMoreThan(3)),
            new Figure("graph: idle read", watch.Elapsed.TotalMilliseconds, "ms"),
        ];
    }

    private sealed class AnyToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new("token", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }
}
