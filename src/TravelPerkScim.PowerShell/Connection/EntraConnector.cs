using System.Management.Automation;
using System.Security;
using TravelPerkScim.Entra;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>Stands between the cmdlets, which the import of the module inspects, and the Entra room, which is loaded when a command
/// connects.</summary>
internal static class EntraConnector
{
    private static readonly Dictionary<EntraEnvironment, EntraCloud> s_clouds = new()
    {
        [EntraEnvironment.USGov] = EntraCloud.USGov,
        [EntraEnvironment.USGovDoD] = EntraCloud.USGovDoD,
        [EntraEnvironment.China] = EntraCloud.China,
    };

    /// <summary>Signs in and gives the connection.</summary>
    /// <exception cref="SourceException">The sign-in failed.</exception>
    public static async Task<EntraDirectoryConnection> ConnectAsync(EntraConnectRequest request, CancellationToken cancellationToken)
    {
        EntraSignInKind kind = Enum.Parse<EntraSignInKind>(request.Authentication);
        EntraCloud cloud = s_clouds.GetValueOrDefault(request.Environment, EntraCloud.Global);
        Uri endpoint = WithVersion(request.GraphEndpoint ?? cloud.GraphEndpoint);
        EntraSignIn signIn = await EntraSignIn
            .SignInAsync(
                new EntraSignInOptions
                {
                    Kind = kind,
                    TenantId = request.TenantId,
                    ClientId = request.ClientId,
                    Secret = request.Secret,
                    Certificate = request.Certificate,
                    Cloud = cloud,
                    MorePermissions = request.Permissions,
                    ShowDeviceCode = request.ShowDeviceCode,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return new EntraDirectoryConnection(
            request.Environment,
            endpoint,
            request.Authentication,
            request.TenantId,
            AuthorityOf(endpoint, cloud),
            signIn
        );
    }

    /// <summary>Signs in to the tenant that a job reads, with the secret whose place the job names; null when the job names no
    /// place.</summary>
    /// <exception cref="ProvisioningException">The secret is not there or cannot be used.</exception>
    /// <exception cref="SourceException">Entra refuses the sign-in.</exception>
    public static async Task<EntraDirectoryConnection?> ConnectAsync(
        ProvisioningJob job,
        SecretReader secrets,
        CancellationToken cancellationToken
    )
    {
        EntraSignIn? signIn = await EntraJobs.SignInAsync(job, secrets, cancellationToken).ConfigureAwait(false);
        EntraCloud cloud = EntraCloud.Global;
        return signIn is null
            ? null
            : new EntraDirectoryConnection(
                EntraEnvironment.Global,
                WithVersion(cloud.GraphEndpoint),
                nameof(EntraSignInKind.ClientSecret),
                job.Settings.Source.TenantId,
                cloud.AuthorityHost,
                signIn
            );
    }

    /// <summary>Reads a secret of Azure Key Vault with the identity of the machine; null when the vault has no secret of that
    /// name.</summary>
    /// <exception cref="ProvisioningException"><c>SecretUnreadable</c>.</exception>
    public static async Task<SecureString?> ReadKeyVaultAsync(string? vault, string name, CancellationToken cancellationToken)
    {
        using var reader = new KeyVaultReader();
        return await reader.ReadAsync(vault, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The permissions that a job lacks, in a sentence; null when none is known to be missing.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="groups">Whether groups are read.</param>
    /// <param name="applications">Whether an enterprise application is read.</param>
    /// <param name="users">Whether users are read.</param>
    public static string? MissingPermission(
        EntraDirectoryConnection connection,
        bool groups = true,
        bool applications = true,
        bool users = true
    )
    {
        IEnumerable<(bool Wanted, EntraPermission Permission)> all =
        [
            (users, EntraPermissions.Users),
            (groups, EntraPermissions.Groups),
            (applications, EntraPermissions.Applications),
        ];
        return MissingText(EntraPermissions.Missing(connection.Permissions, all.Where(p => p.Wanted).Select(p => p.Permission)));
    }

    /// <exception cref="CommandException"><c>EntraPermissionMissing</c>.</exception>
    public static void Require(EntraDirectoryConnection connection, bool groups, bool applications, bool users) =>
        Refuse(MissingPermission(connection, groups, applications, users));

    /// <summary>Refuses before anything is sent, where the access token tells that a cycle of the job lacks a permission.</summary>
    /// <exception cref="CommandException"><c>EntraPermissionMissing</c>.</exception>
    public static void Require(ProvisioningJob job, EntraDirectoryConnection connection) =>
        Refuse(MissingText(EntraJobs.Missing(job, connection.Permissions)));

    /// <summary>Refuses before anything is sent, where the access token tells that a permission is missing.</summary>
    /// <exception cref="CommandException"><c>EntraPermissionMissing</c>.</exception>
    public static void Require(EntraDirectoryConnection connection, params EntraPermission[] needed) =>
        Refuse(MissingText(EntraPermissions.Missing(connection.Permissions, needed)));

    private static void Refuse(string? missing)
    {
        if (missing is not null)
            throw new CommandException("EntraPermissionMissing", ErrorCategory.PermissionDenied, missing);
    }

    private static string? MissingText(IReadOnlyList<EntraPermission> missing)
    {
        if (missing.Count == 0)
            return null;
        string named = string.Join(" and ", missing.Select(permission => $"{permission.Least} ({permission.What})"));
        string scopes = string.Join(", ", missing.Select(permission => permission.Least));
        return $"The sign-in to Entra lacks {named}. "
            + "An administrator grants it to the application under API permissions, Microsoft Graph, with admin consent; "
            + "then run Connect-EntraDirectory again. "
            + $"A person who signs in through Microsoft's own tools asks for it: Connect-EntraDirectory -Scope {scopes}.";
    }

    // A Graph on this machine is a stand-in, which serves the metadata of single sign-on too.
    private static Uri AuthorityOf(Uri endpoint, EntraCloud cloud) =>
        endpoint.IsLoopback ? new Uri(endpoint.GetLeftPart(UriPartial.Authority)) : cloud.AuthorityHost;

    private static Uri WithVersion(Uri endpoint) => endpoint.AbsolutePath == "/" ? new Uri(endpoint, "v1.0") : endpoint;
}
