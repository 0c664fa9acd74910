using System.Globalization;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>What the state remembers of a notification channel that fails or failed.</summary>
public sealed record ChannelMemory
{
    /// <summary>Since when the channel takes no notification, UTC; null when it took the last one.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Why the channel failed last, with the way out.</summary>
    public string? LastError { get; init; }

    /// <summary>Notifications that were given up since the channel last took one.</summary>
    public int GivenUp { get; init; }

    /// <summary>job.json as it was when the receiver refused further notifications; null while the channel is in use.</summary>
    public string? OffAt { get; init; }
}

/// <summary>The state of a job's notification channel.</summary>
/// <param name="Name">What the admin calls it.</param>
/// <param name="Waiting">Notifications that wait to be sent.</param>
public sealed record NotificationChannelStatus(string Name, long Waiting)
{
    /// <summary>The channel neither fails nor was switched off.</summary>
    public bool IsSending => FailingSince is null && !IsOff;

    /// <summary>Since when the channel takes no notification, UTC; null when nothing failed.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Why the channel failed last; null when nothing failed.</summary>
    public string? LastError { get; init; }

    /// <summary>When the next attempt is due, UTC; null when no notification waits.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>Notifications that were given up since the channel last took one: after 3 days without an answer, and a day after a
    /// refusal.</summary>
    public int GivenUp { get; init; }

    /// <summary>The receiver refused further notifications. Nothing is sent until the channel is set again.</summary>
    public bool IsOff { get; init; }

    /// <summary>A notification waits or was given up, or the channel fails or is off.</summary>
    public bool NeedsAttention => Waiting > 0 || FailingSince is not null || GivenUp > 0 || IsOff;

    /// <summary>Such as "teams: 2 wait, next attempt 2026-03-02 09:30:00 +01:00; fails since 2026-03-02 09:00:00 +01:00: no
    /// connection".</summary>
    public override string ToString()
    {
        string?[] parts =
        [
            IsOff ? "off until it is set again" : null,
            Waiting > 0 ? WaitingText : null,
            GivenUp > 0 ? FormattableString.Invariant($"{GivenUp} given up") : null,
            FailingSince is { } since ? $"fails since {ShownTime.Text(since)}: {LastError}" : null,
        ];
        string told = string.Join("; ", parts.Where(part => part is not null));
        return $"{Name}: {(told.Length == 0 ? "nothing waits" : told)}";
    }

    private string WaitingText
    {
        get
        {
            string verb = Waiting == 1 ? "waits" : "wait";
            string next = NextAttempt is { } due ? $", next attempt {ShownTime.Text(due)}" : "";
            return string.Create(CultureInfo.InvariantCulture, $"{Waiting} {verb}{next}");
        }
    }
}
