using System.Security;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>Signs in to a job's target, for commands and for the worker. The job's job.json names the place of the secret.</summary>
public static class JobSignIn
{
    /// <summary>Reads the job's API key, or signs in with OAuth and the token that is stored, for the caller to dispose of.</summary>
    /// <param name="job">The job.</param>
    /// <param name="secrets">Reads the place that the job names.</param>
    /// <param name="allowed">Addresses beside TravelPerk's own to which a key may be sent. The person at the prompt or the worker's
    /// operator chose them.</param>
    /// <param name="cancellationToken">Cancelled when the credential is not wanted any more.</param>
    /// <exception cref="ProvisioningException"><c>NotConnected</c>: the job names no place. <c>TargetNotChosen</c>: the job's target is not
    /// among the allowed addresses. <c>TokenKeysNotGiven</c>, <c>TokenKeyMissing</c>, <c>TokenNotFound</c>, <c>TokenStoreUnavailable</c>,
    /// <c>OAuthRefreshRefused</c>: there is no token that can be used. Other ids: the secret is missing or cannot be used.</exception>
    /// <exception cref="ScimException"><c>InsecureUri</c>; or the token endpoint does not answer.</exception>
    public static async Task<ScimCredential> ReadAsync(
        ProvisioningJob job,
        SecretReader secrets,
        IEnumerable<Uri> allowed,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(secrets);
        SecretPlace place = PlaceOf(job, allowed);
        using SecureString secret = await secrets.ReadAsync(place, cancellationToken).ConfigureAwait(false);
        return place.ClientId is { } client
            ? await ResumeAsync(job, OptionsOf(job, client, secret), cancellationToken).ConfigureAwait(false)
            : ScimCredential.ApiKey(secret);
    }

    /// <summary>Asks a TravelPerk administrator for consent, and keeps the token that the job's cycles sign in with.</summary>
    /// <param name="job">The job.</param>
    /// <param name="secrets">Reads the place of the client secret.</param>
    /// <param name="allowed">Addresses beside TravelPerk's own to which the secret may be sent.</param>
    /// <param name="redirectPort">Port of the redirect address; 0 for a free one.</param>
    /// <param name="show">Shows the address to the administrator.</param>
    /// <param name="cancellationToken">Stops waiting for the administrator.</param>
    /// <exception cref="ProvisioningException"><c>NotConnected</c>; <c>TargetNotChosen</c>; <c>TokenKeysNotGiven</c>; <c>NoOAuth</c>: the
    /// job connects with an API key. Other ids: the secret is missing or cannot be used.</exception>
    /// <exception cref="ScimException">As for <see cref="OAuthSignIn.AuthorizeAsync"/>.</exception>
    public static async Task AuthorizeAsync(
        ProvisioningJob job,
        SecretReader secrets,
        IEnumerable<Uri> allowed,
        int redirectPort,
        Func<Uri, Task> show,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(secrets);
        SecretPlace place = PlaceOf(job, allowed);
        if (place.ClientId is not { } client)
        {
            throw new ProvisioningException(
                "NoOAuth",
                $"The job '{job.Name}' connects with an API key, so there is nothing to sign in to. To connect with OAuth, "
                    + "let secrets.travelPerk of job.json name the place of the client secret and the clientId of the application."
            );
        }
        using SecureString secret = await secrets.ReadAsync(place, cancellationToken).ConfigureAwait(false);
        OAuthOptions options = OptionsOf(job, client, secret) with { RedirectPort = redirectPort };
        (await OAuthSignIn.AuthorizeAsync(options, show, cancellationToken).ConfigureAwait(false)).Dispose();
    }

    private static SecretPlace PlaceOf(ProvisioningJob job, IEnumerable<Uri> allowed)
    {
        SecretPlace place =
            job.Settings.Secrets?.TravelPerk
            ?? throw new ProvisioningException(
                "NotConnected",
                $"There is no connection to TravelPerk, and the job '{job.Name}' does not name the place of its API key. "
                    + "Name it with Set-ProvisioningJob -SecretFrom; at a prompt, Connect-TravelPerk -ApiKey connects too."
            );
        CheckTarget(job, allowed);
        ScimClient.CheckBaseUri(job.Target);
        return place;
    }

    // The token of a job that several machines run is in the database. Each use of the token gives another one.
    private static OAuthOptions OptionsOf(ProvisioningJob job, string client, SecureString secret)
    {
        if (job is { IsShared: true, Tokens: null })
        {
            throw new ProvisioningException(
                "TokenKeysNotGiven",
                $"The job '{job.Name}' signs in to TravelPerk with OAuth, and several machines share the job. Its sign-in is in the "
                    + "database, encrypted, and this process was started without the keys. Start the worker with --keys."
            );
        }
        return new OAuthOptions
        {
            Endpoints = OAuthEndpoints.For(job.Target),
            ClientId = client,
            ClientSecret = secret,
            Store = job.Tokens ?? new ProtectedTokenStore(),
        };
    }

    private static async Task<ScimCredential> ResumeAsync(ProvisioningJob job, OAuthOptions options, CancellationToken cancellationToken)
    {
        // A process that stops keeps a shared job until the token endpoint has answered. Another one would spend the same token.
        CancellationToken until = job.IsShared ? CancellationToken.None : cancellationToken;
        try
        {
            return await OAuthSignIn.ResumeAsync(options, until).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.Kind == ScimFailure.SecretStore)
        {
            throw new ProvisioningException(e.ErrorId, e.Message, e);
        }
        // The message may repeat words of the service, which do not belong into a log.
        catch (ScimException e) when (job.IsShared && e.ErrorId is "TokenNotFound" or "OAuthRefreshRefused")
        {
            string why =
                e.ErrorId == "TokenNotFound"
                    ? "no administrator has signed it in yet"
                    : "TravelPerk no longer accepts its sign-in, which was not used for 30 days or was revoked";
            throw new ProvisioningException(
                e.ErrorId,
                $"The job '{job.Name}' cannot connect to TravelPerk: {why}. "
                    + $"Start the worker once with the same settings and --sign-in {job.Name}.",
                e
            );
        }
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
