using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>The provisioning status of a job and how often its cycles begin, as <c>job.json</c> has it (Entra: Provisioning Status On and
/// Off; its service begins a cycle every 40 minutes).</summary>
public sealed record JobSchedule
{
    /// <summary>The interval of Entra's own service.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(40);

    /// <summary>The shortest interval.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMinutes(1);

    /// <summary>The longest interval. A user who left stays active for no longer than that.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromDays(31);

    // Timers of operating systems are not exact. The default accuracy of systemd is a minute.
    private static readonly TimeSpan s_mostSlack = TimeSpan.FromMinutes(1);

    /// <summary>Scheduled cycles run. Default false, as a job of Entra is Off until it is started.</summary>
    public bool On { get; init; }

    /// <summary>The longest time from the begin of a cycle to the begin of the next. Default 40 minutes; from 1 minute to 31
    /// days.</summary>
    public TimeSpan Interval { get; init; } = DefaultInterval;

    /// <summary>How much earlier a cycle may begin, so that many jobs of one interval do not all begin together; from 0 to half the
    /// interval. Null: a tenth of the interval.</summary>
    public TimeSpan? Jitter { get; init; }

    /// <summary>When the next cycle begins.</summary>
    /// <param name="began">The begin of the last cycle. The jitter is computed from it, so that the answer is the same each time.</param>
    /// <param name="folder">The job's folder. It gives jobs that began together different jitter.</param>
    public DateTimeOffset NextAfter(DateTimeOffset began, string folder) => began + Interval - Early(began, folder);

    /// <summary>Whether a run may begin a cycle. A scheduler with the same interval is never exact, so a run counts as due when it is early
    /// by up to a twentieth of the interval, one minute at most.</summary>
    /// <param name="next">The time of <see cref="NextAfter"/>; null when no cycle began yet.</param>
    /// <param name="now">UTC.</param>
    public bool IsDue(DateTimeOffset? next, DateTimeOffset now) => next is null || now >= next - Slack;

    /// <summary>Such as "On, every 00:40:00".</summary>
    public override string ToString()
    {
        string status = On ? "On" : "Off";
        string earlier = Jitter is { } jitter ? FormattableString.Invariant($", up to {jitter:c} earlier") : "";
        return FormattableString.Invariant($"{status}, every {Interval:c}{earlier}");
    }

    /// <summary>When the job was switched On, or its interval was changed, UTC: from then on its cycles are waited for. Null, as in files
    /// of earlier versions: when job.json was last written.</summary>
    public DateTimeOffset? Since { get; init; }

    internal void Validate(Action<bool, string, string> require)
    {
        require(
            Interval >= ShortestInterval && Interval <= LongestInterval,
            "schedule.interval",
            "between 00:01:00 and 31.00:00:00, as in \"00:40:00\""
        );
        require(
            Jitter is null || (Jitter >= TimeSpan.Zero && Jitter <= Interval / 2),
            "schedule.jitter",
            "between 00:00:00 and half the interval"
        );
    }

    private TimeSpan Slack => Interval / 20 < s_mostSlack ? Interval / 20 : s_mostSlack;

    private TimeSpan Early(DateTimeOffset began, string folder)
    {
        byte[] seed = Encoding.UTF8.GetBytes(FormattableString.Invariant($"{folder}\n{began.UtcTicks}"));
        double share = BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(seed)) / (double)uint.MaxValue;
        return (Jitter ?? Interval / 10) * share;
    }
}
