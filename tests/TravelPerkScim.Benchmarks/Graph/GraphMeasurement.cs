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

    public string Verb => "graph";

    public string Summary => "Reads a tenant of --users (100000) through Microsoft Graph's SDK; all are in one assigned group.";

    public IReadOnlyList<Figure> Run(Arguments arguments) => RunAsync(arguments.Users(100_000, inAll: 20_000)).GetAwaiter().GetResult();

    private static async Task<IReadOnlyList<Figure>> RunAsync(int users)
    {
        await using var graph = new StandInGraph();
        StandInApplication application = graph.Directory.AddApplication("TravelPerk");
        StandInGroup group = graph.Directory.AddGroup("Travellers");
        List<StandInUser> all =
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
        graph.Directory.AddMember(group, all);
        graph.Directory.Assign(application, group);
        using var entra = new EntraDirectory(new EntraDirectoryOptions { GraphEndpoint = graph.Endpoint, Credential = new AnyToken() });
        var source = new EntraSource(
            entra,
            new EntraSourceSettings(application.Id, EntitlementScope.Assigned, IncludeNestedGroups: false, ReadGroups: false)
        );
        var layout = new SourceLayout([
            "objectId",
            "userPrincipalName",
            "displayName",
            "accountEnabled",
            "givenName",
            "surname",
            "department",
            "manager",
        ]);

        long before = GC.GetTotalMemory(forceFullCollection: true),
            peak = before,
            read = 0;
        string watermark = "";
        var watch = Stopwatch.StartNew();
        await foreach (SourceItem item in source.ReadAsync(layout, null, default))
        {
            // What lives, not what waits for collection.
            if (++read % 20_000 == 0)
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true));
            watermark = (item as SourceEnd)?.Watermark ?? watermark;
        }
        double seconds = watch.Elapsed.TotalSeconds;
        long full = entra.RequestCount;
        watch.Restart();
        await foreach (SourceItem item in source.ReadAsync(layout, watermark, default))
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
