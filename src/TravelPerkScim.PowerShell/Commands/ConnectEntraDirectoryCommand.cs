using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Connects to Microsoft Entra ID, to read it through Microsoft Graph.</summary>
/// <remarks>
/// <para>Signs in and makes the connection that jobs with an Entra source use in this runspace. Without parameters, a person signs in with
/// the system's browser. A failed sign-in shows here, not in the middle of a cycle. Tokens are renewed automatically and are kept in memory
/// only.</para>
/// <para>Least permissions: User.Read.All, GroupMember.Read.All and Application.Read.All, delegated for a person, application permissions
/// for an application. A missing permission is a warning here and an error of the job that needs it. A job never writes to Entra. The
/// commands that make and change an enterprise application name the further permissions that they need.</para>
/// </remarks>
/// <example>
/// <para>Sign in with the browser</para>
/// <code>Connect-EntraDirectory
/// Get-EntraApplication TravelPerk | New-ProvisioningJob ./contoso</code>
/// <para>Opens the browser, and makes a job for the users who are assigned to the enterprise application.</para>
/// </example>
/// <example>
/// <para>Sign in to set up the hosted job</para>
/// <code>Connect-EntraDirectory -Scope Synchronization.ReadWrite.All, AuditLog.Read.All
/// Get-EntraProvisioningJob TravelPerk</code>
/// <para>The person is asked to consent to these permissions too.</para>
/// </example>
/// <example>
/// <para>Sign in from a runbook with its managed identity</para>
/// <code>Connect-EntraDirectory -Identity
/// Invoke-Provisioning ./contoso</code>
/// <para>Uses the managed identity of the Automation account. There is no secret to keep.</para>
/// </example>
/// <example>
/// <para>Sign in with a certificate</para>
/// <code>$application = @{
///     TenantId              = 'contoso.onmicrosoft.com'
///     ClientId              = '0d1f3a52-6c1c-4bb0-9d6a-0a4a53b4d6d1'
///     CertificateThumbprint = '8F2C6E1B3A9D4F5E7C8B9A0D1E2F3A4B5C6D7E8F'
/// }
/// Connect-EntraDirectory @application</code>
/// <para>Signs in as an application, with a certificate from the personal store of this user or machine.</para>
/// </example>
/// <example>
/// <para>Sign in where there is no browser</para>
/// <code>Connect-EntraDirectory -DeviceCode</code>
/// <para>Shows an address and a code as a warning, and waits until a person has entered the code there with any browser.</para>
/// </example>
/// <seealso>Disconnect-EntraDirectory</seealso>
/// <seealso>Get-EntraApplication</seealso>
/// <seealso>about_TravelPerkScim_Entra</seealso>
[Cmdlet(VerbsCommunications.Connect, "EntraDirectory", DefaultParameterSetName = InteractiveSet, HelpUri = HelpPages.Tutorial)]
[OutputType(typeof(EntraDirectoryConnection))]
public sealed class ConnectEntraDirectoryCommand : AsyncCmdlet
{
    private const string InteractiveSet = "InteractiveBrowser";
    private const string DeviceCodeSet = "DeviceCode";
    private const string SecretSet = "ClientSecret";
    private const string CertificateSet = "Certificate";
    private const string ThumbprintSet = "CertificateThumbprint";
    private const string IdentitySet = "ManagedIdentity";
    private const string WorkloadSet = "WorkloadIdentity";
    private const string TokenSet = "AccessToken";

    private RunspaceSession? _session;
    private EntraConnectRequest? _request;

    /// <summary>The tenant: its id, or one of its domains. An application needs it; a person signs in to the tenant of the account without
    /// it.</summary>
    [Parameter]
    [Alias("Tenant")]
    [ValidateNotNullOrEmpty]
    public string? TenantId { get; set; }

    /// <summary>The application (client) id. For a person the default is Microsoft Graph Command Line Tools, as with Connect-MgGraph; with
    /// -Identity, the client id of a user-assigned identity.</summary>
    [Parameter(ParameterSetName = InteractiveSet)]
    [Parameter(ParameterSetName = DeviceCodeSet)]
    [Parameter(ParameterSetName = CertificateSet, Mandatory = true)]
    [Parameter(ParameterSetName = ThumbprintSet, Mandatory = true)]
    [Parameter(ParameterSetName = IdentitySet)]
    [Parameter(ParameterSetName = WorkloadSet)]
    [Alias("AppId", "ApplicationId")]
    [ValidateNotNullOrEmpty]
    public string? ClientId { get; set; }

    /// <summary>Graph permissions that the person is asked to consent to, beside those that a job reads with. The commands that change
    /// Entra name their permissions; hosted jobs need Synchronization.ReadWrite.All and AuditLog.Read.All.</summary>
    [Parameter(ParameterSetName = InteractiveSet)]
    [Parameter(ParameterSetName = DeviceCodeSet)]
    [Alias("Scopes")]
    [ValidatePattern(@"^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+){1,4}$")]
    [ArgumentCompleter(typeof(EntraPermissionCompleter))]
    public string[] Scope { get; set; } = [];

    /// <summary>A person signs in with a browser on any device: address and code are shown as a warning.</summary>
    [Parameter(ParameterSetName = DeviceCodeSet, Mandatory = true)]
    [Alias("UseDeviceCode")]
    public SwitchParameter DeviceCode { get; set; }

    /// <summary>An application's client id as the user name and a client secret as the password.</summary>
    [Parameter(ParameterSetName = SecretSet, Mandatory = true)]
    [Alias("Credential")]
    [Credential]
    public PSCredential? ClientSecretCredential { get; set; }

    /// <summary>An application's certificate, with its private key.</summary>
    [Parameter(ParameterSetName = CertificateSet, Mandatory = true)]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Thumbprint of an application's certificate in the personal store of this user or machine.</summary>
    [Parameter(ParameterSetName = ThumbprintSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string? CertificateThumbprint { get; set; }

    /// <summary>Signs in with the managed identity of the Azure resource this runs on.</summary>
    [Parameter(ParameterSetName = IdentitySet, Mandatory = true)]
    [Alias("ManagedIdentity")]
    public SwitchParameter Identity { get; set; }

    /// <summary>Signs in with the federated token of a Kubernetes service account. Values that are not given come from AZURE_TENANT_ID,
    /// AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE.</summary>
    [Parameter(ParameterSetName = WorkloadSet, Mandatory = true)]
    public SwitchParameter WorkloadIdentity { get; set; }

    /// <summary>An access token for Microsoft Graph that was acquired elsewhere. It is used until it ends, and cannot be renewed.</summary>
    [Parameter(ParameterSetName = TokenSet, Mandatory = true)]
    [ValidateNotNull]
    [Secret]
    public SecureString? AccessToken { get; set; }

    /// <summary>Which of Microsoft's clouds: Global, which is the default, USGov, USGovDoD or China.</summary>
    [Parameter]
    public EntraEnvironment Environment { get; set; } = EntraEnvironment.Global;

    /// <summary>Root of Microsoft Graph when it differs from the environment's, such as https://graph.microsoft.com/beta. The access token
    /// is sent there; http:// is for this machine only.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? GraphEndpoint { get; set; }

    /// <summary>Writes the connection, to be given to -EntraConnection of other commands. Without it, nothing is written.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Prepare()
    {
        CheckEndpoint();
        if (ParameterSetName is SecretSet or CertificateSet or ThumbprintSet && TenantId is null)
        {
            throw new CommandException(
                "TenantMissing",
                ErrorCategory.InvalidArgument,
                "The tenant is missing, and an application cannot sign in without it. Give -TenantId, such as contoso.onmicrosoft.com."
            );
        }

        if (ClientSecretCredential is { Password.Length: 0 })
        {
            throw new CommandException(
                "InvalidCredential",
                ErrorCategory.InvalidArgument,
                "The client secret is empty. "
                    + "Give a credential with the application's client id as the user name and the secret as the password."
            );
        }

        _session = RunspaceSession.Current;
        _request = new EntraConnectRequest
        {
            Authentication = ParameterSetName == ThumbprintSet ? CertificateSet : ParameterSetName,
            TenantId = TenantId,
            ClientId = ClientSecretCredential?.UserName.TrimStart('\\') ?? ClientId,
            Secret = ClientSecretCredential?.Password ?? AccessToken,
            Certificate = UsableCertificate(),
            Permissions = Scope,
            Environment = Environment,
            GraphEndpoint = GraphEndpoint,
            ShowDeviceCode = WriteWarningAsync,
        };
    }

    private protected override async Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        EntraDirectoryConnection connection = await EntraConnector.ConnectAsync(_request!, cancellationToken).ConfigureAwait(false);
        _session!.EntraConnection = connection;
        await WriteWarningAsync(EntraConnector.MissingPermission(connection)).ConfigureAwait(false);
        if (PassThru)
            await WriteObjectAsync(connection).ConfigureAwait(false);
    }

    private X509Certificate2? UsableCertificate()
    {
        X509Certificate2? certificate = CertificateThumbprint is null ? Certificate : Certificates.Find(CertificateThumbprint);
        return certificate is null ? null : Certificates.Check(certificate, TimeProvider.System);
    }

    private void CheckEndpoint()
    {
        if (GraphEndpoint is not { } endpoint)
            return;
        if (
            !endpoint.IsAbsoluteUri
            || endpoint.Scheme is not ("https" or "http")
            || endpoint.UserInfo.Length + endpoint.Query.Length + endpoint.Fragment.Length > 0
        )
        {
            throw new CommandException(
                "InvalidUri",
                ErrorCategory.InvalidArgument,
                "-GraphEndpoint is not an address of Microsoft Graph. "
                    + "Give an absolute https:// address without user name, query and fragment, such as https://graph.microsoft.com/v1.0."
            );
        }

        if (endpoint.Scheme == "http" && !endpoint.IsLoopback)
        {
            throw new CommandException(
                "InsecureUri",
                ErrorCategory.SecurityError,
                $"http:// would send the access token to {endpoint.Host} in the clear. Use https://; http:// is for this machine only."
            );
        }
    }
}
