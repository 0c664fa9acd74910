using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Operations.Notifications;

/// <summary>What the rules look at.</summary>
/// <param name="Job">The job.</param>
/// <param name="Status">How it stands, with its last cycles.</param>
/// <param name="Now">UTC.</param>
internal sealed record JobFacts(ProvisioningJob Job, ProvisioningStatus Status, DateTimeOffset Now)
{
    /// <summary>A cycle just came to its end; false between cycles.</summary>
    public bool AtCycleEnd { get; init; }

    /// <summary>Where the notification comes from.</summary>
    public NotificationFact Sender { get; init; } = NotificationFact.Sender;

    /// <summary>How many cycles the rules look at.</summary>
    public const int CyclesSeen = 50;

    /// <summary>Cycles over everything, newest first: users on demand say nothing of the job.</summary>
    public IReadOnlyList<CycleSummary> Cycles { get; } =
    [.. Status.Cycles.Where(cycle => cycle.Kind is not (CycleKind.OnDemand or CycleKind.Reviewed))];

    /// <summary>Those of them that came to an end of their own: one that was stopped says nothing.</summary>
    public IReadOnlyList<CycleSummary> Ended => [.. Cycles.Where(cycle => cycle.State is not (CycleState.Running or CycleState.Stopped))];

    /// <summary>How many of them failed in a row, the last one included.</summary>
    public int FailedInARow => Ended.TakeWhile(cycle => cycle.State == CycleState.Failed).Count();

    /// <summary>How many of them could not read the source whole in a row, the last one included.</summary>
    public int IncompleteInARow => Ended.TakeWhile(cycle => cycle.State == CycleState.Incomplete).Count();

    /// <summary>Cycles do not get through, so that the job runs at long pauses or not at all.</summary>
    public bool IsQuarantined => Status.Quarantine is { Reason: not (QuarantineReason.TooManyDeletes or QuarantineReason.TakeoversStaged) };

    /// <summary>More entries than these in escrow are told of.</summary>
    public long EscrowLimit => Math.Max(5, Status.LinkedUsers / 100);

    /// <summary>The secrets of the job that run out, by what they are called in a sentence.</summary>
    public IEnumerable<(string Subject, DateOnly Expires, SecretPlace Place)> Expiring
    {
        get
        {
            (string Subject, SecretPlace? Place)[] secrets =
            [
                ("API key of TravelPerk", Job.Settings.Secrets?.TravelPerk),
                ("client secret for Entra", Job.Settings.Secrets?.Entra),
                .. (Job.Settings.Notifications?.Channels ?? []).SelectMany(channel =>
                    new (string, SecretPlace?)[]
                    {
                        ($"address of the channel '{channel.Name}'", channel.Address),
                        ($"secret of the channel '{channel.Name}'", channel.Secret),
                    }
                ),
            ];
            foreach ((string subject, SecretPlace? place) in secrets)
            {
                if (place is { Expires: { } day })
                    yield return (subject, day, place);
            }
        }
    }

    /// <summary>Days until a secret runs out; 0 on its last day's end and after it.</summary>
    public int DaysUntil(DateOnly day) => Math.Max(0, day.DayNumber - DateOnly.FromDateTime(Now.UtcDateTime).DayNumber);
}
