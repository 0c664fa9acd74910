using System.Collections;
using TravelPerkScim.PowerShell.Completion;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Offers the notification channels in the job's job.json.</summary>
public sealed class NotificationNameCompleter : ValueCompleter
{
    private protected override IEnumerable<string> Values(string parameter, IDictionary bound) =>
        (JobUserCompleter.JobOf(bound)?.Settings.Notifications?.Channels ?? []).Select(channel => channel.Name);
}
