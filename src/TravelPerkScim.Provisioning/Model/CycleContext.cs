namespace TravelPerkScim.Provisioning.Model;

/// <summary>What every step of one cycle shares: its id, its clock, and where progress goes.</summary>
internal sealed record CycleContext(Guid CycleId, DateTimeOffset Began, TimeProvider Time, Action<ProvisioningProgress>? Progress)
{
    /// <summary>A user who is left alone gets an operation that says why, also in a plan of all users.</summary>
    public bool IncludeSkipped { get; init; }

    public ProgressMeter Meter(string activity, long? total) => new(Progress, Time, activity, total);
}
