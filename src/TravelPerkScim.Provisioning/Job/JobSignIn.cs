using System.Security;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>Signs in to a job's target, for commands and for the worker. The job's job.json names the place of the secret.</summary>
public static class JobSignIn
{
    /// <summary>Reads the job's API key, for the caller to dispose of.</summary>
    /// <param name="job">The job.</param>
    /// <param name="secrets">Reads the place that the job names.</param>
    /// <param name="allowed">Addresses beside TravelPerk's own to which a key may be sent. The person at the prompt or the worker's
    /// operator chose them.</param>
    /// <param name="cancellationToken">Cancelled when the credential is not wanted any more.</param>
    /// <exception cref="ProvisioningException"><c>NotConnected</c>: the job names no place. <c>TargetNotChosen</c>: the job's target is not
    /// among the allowed addresses. Other ids: the secret is missing or cannot be used.</exception>
    /// <exception cref="ScimException"><c>InsecureUri</c>.</exception>
    public static async Task<ScimCredential> ReadAsync(
        ProvisioningJob job,
        SecretReader secrets,
        IEnumerable<Uri> allowed,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(secrets);
        SecretPlace place =
            job.Settings.Secrets?.TravelPerk
            ?? throw new ProvisioningException(
                "NotConnected",
                $"There is no connection to TravelPerk, and the job '{job.Name}' does not name the place of its API key. "
                    + "Name it with Set-ProvisioningJob -SecretFrom; at a prompt, Connect-TravelPerk -ApiKey connects too."
            );
        CheckTarget(job, allowed);
        ScimClient.CheckBaseUri(job.Target);
        using SecureString secret = await secrets.ReadAsync(place, cancellationToken).ConfigureAwait(false);
        return ScimCredential.ApiKey(secret);
    }

    /// <summary>Two addresses are of one SCIM service.</summary>
    public static bool IsSame(Uri one, Uri other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return one.IsAbsoluteUri
            && other.IsAbsoluteUri
            && string.Equals(
                one.GetLeftPart(UriPartial.Authority),
                other.GetLeftPart(UriPartial.Authority),
                StringComparison.OrdinalIgnoreCase
            )
            && string.Equals(one.AbsolutePath.TrimEnd('/'), other.AbsolutePath.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
    }

    // A job folder may come from another person, who must not choose where a key of this machine is sent.
    private static void CheckTarget(ProvisioningJob job, IEnumerable<Uri> allowed)
    {
        if (TravelPerkHosts.IsTravelPerk(job.Target) || allowed.Any(target => IsSame(target, job.Target)))
            return;
        throw new ProvisioningException(
            "TargetNotChosen",
            $"The job '{job.Name}' writes to {job.Target}, which is no address of TravelPerk's. "
                + "job.json alone may not send a key there. "
                + $"If the address is right, allow it where the key is used: Connect-TravelPerk -Job '{job.Path}' -BaseUri {job.Target} "
                + $"at a prompt, Register-ProvisioningSchedule '{job.Path}' -AllowTarget {job.Target} for a schedule, "
                + $"--allow-target {job.Target} for the worker."
        );
    }
}
