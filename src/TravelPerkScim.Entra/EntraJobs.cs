using System.Security;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra;

/// <summary>Opens the Entra that a job reads, for commands and for the worker.</summary>
public static class EntraJobs
{
    /// <summary>Signs in with the client secret whose place the job names; null when the job reads a file, or names no place.</summary>
    /// <param name="job">The job.</param>
    /// <param name="secrets">Reads the place.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ProvisioningException">The secret is not there or cannot be used.</exception>
    /// <exception cref="SourceException">Entra refuses the sign-in.</exception>
    public static async Task<EntraSignIn?> SignInAsync(ProvisioningJob job, SecretReader secrets, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(secrets);
        if (job.Settings is not { Source: { Type: JobSourceType.Entra, TenantId: { } tenant }, Secrets.Entra: { } place })
            return null;
        using SecureString secret = await secrets.ReadAsync(place, cancellationToken).ConfigureAwait(false);
        var options = new EntraSignInOptions
        {
            Kind = EntraSignInKind.ClientSecret,
            TenantId = tenant,
            ClientId = place.ClientId,
            Secret = secret,
        };
        return await EntraSignIn.SignInAsync(options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The directory that a sign-in reads.</summary>
    public static EntraDirectory Open(EntraSignIn signIn)
    {
        ArgumentNullException.ThrowIfNull(signIn);
        return new EntraDirectory(
            new EntraDirectoryOptions
            {
                GraphEndpoint = new Uri(EntraCloud.Global.GraphEndpoint, "v1.0"),
                Credential = signIn.Credential,
                TenantId = signIn.TenantId,
            }
        );
    }

    /// <summary>The Graph permissions that the job's cycles need and the sign-in is known to lack; empty when nothing is known to be
    /// missing.</summary>
    /// <param name="job">The job, which reads Entra.</param>
    /// <param name="granted">Permissions of the sign-in; null when its token does not tell.</param>
    public static IReadOnlyList<EntraPermission> Missing(ProvisioningJob job, IReadOnlyList<string>? granted)
    {
        ArgumentNullException.ThrowIfNull(job);
        JobSource source = job.Settings.Source;
        IEnumerable<(bool Wanted, EntraPermission Permission)> all =
        [
            (true, EntraPermissions.Users),
            (source.Scope == EntitlementScope.Assigned, EntraPermissions.Groups),
            (source.Application is not null, EntraPermissions.Applications),
        ];
        return EntraPermissions.Missing(granted, all.Where(p => p.Wanted).Select(p => p.Permission));
    }

    /// <summary>The directory as the source of a job.</summary>
    public static IDirectorySource SourceOf(ProvisioningJob job, EntraDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(job);
        JobSource source = job.Settings.Source;
        // Assigned groups are read anyway. To read all groups of a tenant would be a lot of work for a target that has no groups as a rule.
        return new EntraSource(
            directory,
            new EntraSourceSettings(
                source.Application,
                source.Scope,
                source.IncludeNestedGroups,
                ReadGroups: source.Scope == EntitlementScope.Assigned && job.Settings.ProvisionGroups
            )
        );
    }
}
