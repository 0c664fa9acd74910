using System.Text.Json;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Why scheduled runs of a job begin no cycle: its secret is not found, its target is not allowed, Entra refuses the
/// sign-in.</summary>
/// <param name="Since">When the first of these runs was, UTC.</param>
/// <param name="Time">When the last one was, UTC.</param>
/// <param name="ErrorId">Stable id of its error.</param>
public sealed record RunFailure(DateTimeOffset Since, DateTimeOffset Time, string ErrorId)
{
    /// <summary>The named value that holds the failure.</summary>
    internal const string Name = "runfailure";

    /// <summary>What it said.</summary>
    public required string Message
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{ErrorId} at {Model.ShownTime.Text(Time)}: {Message}";

    /// <summary>The last failure, unless a cycle began after it.</summary>
    internal static RunFailure? Read(JobState state, DateTimeOffset? began) => Parse(state.Named(Name), began);

    /// <inheritdoc cref="Read"/>
    /// <exception cref="JsonException">The text is no failure.</exception>
    internal static RunFailure? Parse(string? json, DateTimeOffset? began) =>
        json is not null && JsonSerializer.Deserialize<RunFailure>(json) is { } failure && !(began > failure.Time) ? failure : null;

    internal static void Write(JobState state, RunFailure failure) => state.SetNamed(Name, JsonSerializer.Serialize(failure));
}
