using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.Entra.Tests;

/// <summary>A tenant whose applications are made and changed, through the real Graph SDK over a real socket.</summary>
internal sealed class HostingFixture : IAsyncDisposable
{
    private readonly EntraFixture _fixture = new();

    public HostingFixture() => Graph.Behavior.Now = Time.GetUtcNow;

    public StandInGraph Graph => _fixture.Graph;

    public StandInDirectory Tenant => _fixture.Tenant;

    public SkippingTime Time => _fixture.Time;

    public EntraDirectory Entra => _fixture.Entra;

    public GalleryApplications Gallery => new(Entra);

    public ApplicationRoles Roles => new(Entra);

    public ApplicationAssignments Assignments => new(Entra);

    /// <summary>What is there of the gallery's TravelPerk.</summary>
    public IEnumerable<StandInApplication> Made => Tenant.Applications.Where(one => one.TemplateId is not null && !one.IsGone);

    /// <summary>Requests that change something.</summary>
    public IEnumerable<string> Writes =>
        Graph.Requests.Where(request => !request.StartsWith("GET ", StringComparison.Ordinal) && request != "POST $batch");

    public void Late(int requests) => Tenant.Lag = new StandInLag(new Random(7), 1, requests);

    public async Task<EntraApplication> MakeAsync(string name = "TravelPerk", CancellationToken cancellationToken = default) =>
        await Gallery.MakeAsync(await Gallery.FindTemplateAsync("TravelPerk", cancellationToken), name, cancellationToken);

    /// <summary>An application of the gallery, made beforehand.</summary>
    public (StandInApplication There, EntraApplication Application) Have(string name = "TravelPerk")
    {
        StandInApplication there = Tenant.AddFromTemplate(StandInDirectory.TravelPerkTemplate, name);
        return (there, new EntraApplication(there.Id, there.AppId, name) { TemplateId = there.TemplateId, AssignmentRequired = true });
    }

    /// <summary>
    /// Runs what a command does again and again, cancelled at its first request, its second and so on, each time in a tenant of its own;
    /// then runs it to its end and has the
    /// tenant looked at.
    /// </summary>
    /// <param name="run">What the command does.</param>
    /// <param name="check">Looks at the tenant.</param>
    /// <param name="prepare">What is there before.</param>
    /// <param name="lag">How many requests copies of the directory are behind.</param>
    /// <param name="part">Only every <paramref name="of"/>th request, beginning with this one.</param>
    /// <param name="of">Parts that the requests are divided into.</param>
    public static async Task CancelEverywhereAsync(
        Func<HostingFixture, CancellationToken, Task> run,
        Action<HostingFixture> check,
        Action<HostingFixture>? prepare = null,
        int lag = 0,
        int part = 0,
        int of = 1
    )
    {
        int requests = await CountAsync();
        for (int at = 1 + part; at <= requests; at += of)
        {
            await using HostingFixture fixture = Prepared();
            using var stop = new CancellationTokenSource();
            int last = at;
            fixture.Graph.BeforeAnswer = (number, _) =>
            {
                if (number == last)
                    stop.Cancel();
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run(fixture, stop.Token));
            // The request that was under way is worked off all the same.
            await fixture.Graph.WorkedOffAsync();
            fixture.Graph.BeforeAnswer = null;
            await run(fixture, default);
            check(fixture);
        }

        async Task<int> CountAsync()
        {
            await using HostingFixture whole = Prepared();
            await run(whole, default);
            check(whole);
            return whole.Graph.Requests.Count;
        }

        HostingFixture Prepared()
        {
            var fixture = new HostingFixture();
            prepare?.Invoke(fixture);
            if (lag > 0)
                fixture.Late(lag);
            return fixture;
        }
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();
}
