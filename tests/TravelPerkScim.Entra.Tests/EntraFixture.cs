using Azure.Core;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

/// <summary>A tenant behind a real socket with an enterprise application, and the source that reads it through the real Graph
/// SDK.</summary>
internal sealed class EntraFixture : IAsyncDisposable
{
    public static readonly SourceLayout Layout = new([
        "objectId",
        "userPrincipalName",
        "displayName",
        "accountEnabled",
        "IsSoftDeleted",
        "department",
        "telephoneNumber",
        "extensionAttribute1",
        "manager",
        "appRoleAssignments",
    ]);

    public EntraFixture(
        EntitlementScope scope = EntitlementScope.Assigned,
        bool nested = false,
        bool readGroups = false,
        GraphBounds? bounds = null,
        FilterRule? filters = null
    )
    {
        Application = Tenant.AddApplication("TravelPerk", "Traveller", "Approver");
        Options = new EntraDirectoryOptions
        {
            GraphEndpoint = Graph.Endpoint,
            Credential = new FixedCredential(),
            TimeProvider = Time,
            TenantId = "contoso.com",
            AuthorityHost = new Uri(Graph.Endpoint, "/"),
            Bounds = bounds ?? new GraphBounds(),
            Filters = filters ?? new FilterRule(),
        };
        Entra = new EntraDirectory(Options);
        Settings = new EntraSourceSettings(Application.Id, scope, nested, readGroups);
    }

    public StandInGraph Graph { get; } = new();

    public StandInDirectory Tenant => Graph.Directory;

    public StandInApplication Application { get; }

    public SkippingTime Time { get; } = new();

    public EntraDirectoryOptions Options { get; }

    public EntraDirectory Entra { get; }

    public EntraSourceSettings Settings { get; set; }

    public EntraSource Source => new(Entra, Settings);

    public async Task<Read> ReadAsync(string? watermark = null, SourceLayout? layout = null) =>
        new(await ListAsync(Source.ReadAsync(layout ?? Layout, watermark, default)));

    public async Task<Read> FindAsync(params string[] identities) => new(await ListAsync(Source.FindAsync(Layout, identities, default)));

    /// <summary>A read, and users who are asked for after it, as in one cycle.</summary>
    public async Task<(Read Read, Read Asked)> ReadAndFindAsync(string? watermark, params string[] identities)
    {
        EntraSource source = Source;
        var read = new Read(await ListAsync(source.ReadAsync(Layout, watermark, default)));
        return (read, new Read(await ListAsync(source.FindAsync(Layout, identities, default))));
    }

    /// <summary>The failure of a read, and that nothing it gave was an end.</summary>
    public async Task<SourceException> FailAsync(string? watermark = null, SourceLayout? layout = null)
    {
        SourceException failure = await Assert.ThrowsAsync<SourceException>(async () =>
        {
            await foreach (SourceItem item in Source.ReadAsync(layout ?? Layout, watermark, default))
                Assert.IsNotType<SourceEnd>(item);
        });
        Assert.DoesNotContain(FixedCredential.Token, failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("token=", failure.ToString(), StringComparison.Ordinal);
        return failure;
    }

    public async ValueTask DisposeAsync()
    {
        Entra.Dispose();
        await Graph.DisposeAsync();
    }

    private static async Task<List<SourceItem>> ListAsync(IAsyncEnumerable<SourceItem> items)
    {
        var list = new List<SourceItem>();
        await foreach (SourceItem item in items)
            list.Add(item);
        return list;
    }
}

/// <summary>What a read gave.</summary>
internal sealed class Read(List<SourceItem> items)
{
    public List<SourceItem> Items { get; } = items;

    public SourceEnd End => Assert.IsType<SourceEnd>(Items[^1]);

    public string Watermark => End.Watermark!;

    public IEnumerable<SourceEntry> Entries => Items.OfType<SourceEntry>();

    /// <summary>The last word about a user.</summary>
    public SourceItem? this[StandInUser user] => Items.LastOrDefault(item => AnchorOf(item) == user.Id);

    public static string? AnchorOf(SourceItem item) =>
        item switch
        {
            SourceEntry entry => entry.Object.Anchor,
            SourceRemoval removal => removal.Anchor,
            SourceNotFound missing => missing.Anchor,
            SourceFault fault => fault.Anchor,
            _ => null,
        };

    public SourceEntry Entry(StandInUser user) => Assert.IsType<SourceEntry>(this[user]);

    public bool Entitled(StandInUser user) => Entry(user).NotEntitled is null;
}

/// <summary>A token that is never looked into.</summary>
internal sealed class FixedCredential : TokenCredential
{
    public const string Token = "s3cret-access-token";

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        new(Token, DateTimeOffset.MaxValue);

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        new(GetToken(requestContext, cancellationToken));
}

/// <summary>A clock on which every wait is over at once, and is remembered; the timeout of a request never comes.</summary>
internal sealed class SkippingTime : TimeProvider
{
    private readonly object _lock = new();
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public List<TimeSpan> Waits { get; } = [];

    public void Advance(TimeSpan by)
    {
        lock (_lock)
            _now += by;
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Http.RepeatHandler.RequestTimeout || dueTime < TimeSpan.Zero)
            return new Spent();
        lock (_lock)
        {
            Waits.Add(dueTime);
            _now += dueTime;
        }
        ThreadPool.QueueUserWorkItem(_ => callback(state));
        return new Spent();
    }

    private sealed class Spent : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() { }

        public ValueTask DisposeAsync() => default;
    }
}
