namespace TravelPerkScim.Worker.Tests;

/// <summary>The clock of a machine that is ahead; behind, where the time is less than zero.</summary>
internal sealed class ShiftedTime(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
}
