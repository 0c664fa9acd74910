namespace TravelPerkScim.Worker.Tests;

/// <summary>Waits for what comes soon.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);

    /// <summary>Looks again and again until the condition holds, for 40 seconds at most.</summary>
    public static async Task Async(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!holds())
            Assert.True(await timer.WaitForNextTickAsync(patience.Token));
    }
}
