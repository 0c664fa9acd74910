using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that work on channels that a job has.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class NotificationCommand : JobCommand
{
    private protected NotificationCommand() { }

    private protected static IEnumerable<ProvisioningNotification> Of(ProvisioningJob job) =>
        job.Settings.Notifications is { } settings
            ? settings.Channels.Select(channel => new ProvisioningNotification(job, settings, channel))
            : [];

    /// <summary>The channels of the given names, which may have wildcards; every one without names.</summary>
    private protected async Task<IReadOnlyList<ProvisioningNotification>> FindAsync(ProvisioningJob job, string[] names)
    {
        if (names.Length == 0)
            return [.. Of(job)];
        List<ProvisioningNotification> found = [];
        foreach (string name in names)
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            ProvisioningNotification[] meant = [.. Of(job).Where(channel => pattern.IsMatch(channel.Name))];
            found.AddRange(meant.Where(channel => !found.Exists(other => other.Name == channel.Name)));
            if (meant.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                var missing = new CommandException(
                    "NotificationNotFound",
                    ErrorCategory.ObjectNotFound,
                    $"The job '{job.Name}' has no notification channel '{name}'. "
                        + $"Get-ProvisioningNotification lists what it has, and Set-ProvisioningNotification makes one."
                );
                await WriteErrorAsync(ErrorRecords.From(missing, name)).ConfigureAwait(false);
            }
        }
        return found;
    }
}
