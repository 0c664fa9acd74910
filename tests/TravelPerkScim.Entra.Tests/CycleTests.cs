using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.Entra.Tests;

/// <summary>Cycles of a job that fills a TravelPerk from a tenant. A first cycle has brought two users there.</summary>
public abstract class CycleTests : IAsyncLifetime, IAsyncDisposable
{
    private protected CycleTests(bool nested = false)
    {
        Fixture = new EntraFixture(nested: nested);
        Target = new CycleTarget(Fixture);
    }

    private protected EntraFixture Fixture { get; }

    private protected CycleTarget Target { get; }

    private protected StandInDirectory Tenant => Fixture.Tenant;

    public async Task InitializeAsync()
    {
        AddUsers();
        await Target.RunAsync();
        Assert.Equal(2, Target.Active().Count);
    }

    public async ValueTask DisposeAsync()
    {
        await Target.DisposeAsync();
        await Fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    /// <summary>Adds and assigns the two users.</summary>
    private protected abstract void AddUsers();
}
