using System.Management.Automation;
using System.Security;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Connects to TravelPerk's SCIM service.</summary>
/// <remarks>
/// <para>Makes the connection that the other commands of this runspace use by default. With a key or a token no request is sent:
/// Test-ScimConnection tries the connection. With -ClientCredential the sign-in itself is done here.</para>
/// <para>-Authorize is the Authorize button of the Entra admin center: an administrator consents in the browser, whose answer is taken on
/// 127.0.0.1, once. The access token then renews itself. With -TokenVault or -Remember, later sessions sign in unattended; without, the
/// sign-in ends with the session.</para>
/// <para>The secret is kept as a SecureString. Each request unwraps it, and such copies stay in the memory of the process for a time, also
/// after Disconnect-TravelPerk. Plain HTTP is refused except to this machine.</para>
/// </remarks>
/// <example>
/// <para>Connect with an API key</para>
/// <code>Connect-TravelPerk -ApiKey (Read-Host 'API key' -AsSecureString)</code>
/// <para>Asks for the key without showing it and connects to the production service. An administrator makes the key in TravelPerk under
/// Settings, Developer, API tools.</para>
/// </example>
/// <example>
/// <para>Connect with a key from a vault</para>
/// <code>Connect-TravelPerk -ApiKey (Get-Secret TravelPerkSandbox) -Environment Sandbox
/// Test-ScimConnection</code>
/// <para>Takes the key from a SecretManagement vault, connects to TravelPerk's test service and tries the connection.</para>
/// </example>
/// <example>
/// <para>Connect to an embedded sandbox</para>
/// <code>Start-ScimSandbox | Connect-TravelPerk</code>
/// <para>Starts a TravelPerk inside this process and connects to it. Nothing leaves the machine.</para>
/// </example>
/// <example>
/// <para>Sign in with the browser, and unattended from then on</para>
/// <code>Connect-TravelPerk -ClientCredential $app -Authorize -TokenVault Automation
/// Connect-TravelPerk -ClientCredential $app -TokenVault Automation</code>
/// <para>The first command asks an administrator for consent and keeps the sign-in in a SecretManagement vault. The second, in a runbook,
/// goes on from there. Each use renews it; it ends when it is not used for 30 days.</para>
/// </example>
/// <example>
/// <para>Connect a job with the secret it names</para>
/// <code>Set-ProvisioningJob ./contoso -SecretFrom Environment -SecretName TRAVELPERK_API_KEY
/// Connect-TravelPerk -Job ./contoso</code>
/// <para>Reads the key from the environment variable and connects to the job's target.</para>
/// </example>
/// <seealso>Disconnect-TravelPerk</seealso>
/// <seealso>Test-ScimConnection</seealso>
/// <seealso>about_TravelPerkScim_Connections</seealso>
/// <seealso>about_TravelPerkScim_Unattended</seealso>
[Cmdlet(VerbsCommunications.Connect, "TravelPerk", DefaultParameterSetName = ApiKeySet, HelpUri = HelpPages.Scim)]
[OutputType(typeof(TravelPerkConnection))]
public sealed partial class ConnectTravelPerkCommand : AsyncCmdlet
{
    private const string ApiKeySet = "ApiKey";
    private const string BearerSet = "BearerToken";
    private const string CredentialSet = "Credential";
    private const string SandboxSet = "Sandbox";
    private const string JobSet = "Job";

    private IReadOnlyList<TravelPerkSandbox> _sandboxes = [];

    /// <summary>The API key of an administrator.</summary>
    [Parameter(ParameterSetName = ApiKeySet, Mandatory = true, Position = 0)]
    [Secret]
    public SecureString? ApiKey { get; set; }

    /// <summary>An OAuth access token with the scopes scim:read, scim:write and, to delete users, scim:delete.</summary>
    [Parameter(ParameterSetName = BearerSet, Mandatory = true)]
    [Alias("AccessToken")]
    [Secret]
    public SecureString? BearerToken { get; set; }

    /// <summary>A credential whose password is the API key. Its user name is not used.</summary>
    [Parameter(ParameterSetName = CredentialSet, Mandatory = true)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>An embedded sandbox, as Start-ScimSandbox and Get-ScimSandbox give it.</summary>
    [Parameter(ParameterSetName = SandboxSet, Mandatory = true, ValueFromPipeline = true)]
    public TravelPerkSandbox? Sandbox { get; set; }

    /// <summary>A job that names where its API key is found (Set-ProvisioningJob -SecretFrom): connects to its target. A target that is
    /// neither TravelPerk's own nor a sandbox of this session must be given with -BaseUri too: job.json may come from another person, and
    /// must not choose where a key is sent.</summary>
    [Parameter(ParameterSetName = JobSet, Mandatory = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public ProvisioningJobIdentity? Job { get; set; }

    /// <summary>Which TravelPerk: Production, which is the default, or Sandbox, TravelPerk's own test service.</summary>
    [Parameter(ParameterSetName = ApiKeySet)]
    [Parameter(ParameterSetName = BearerSet)]
    [Parameter(ParameterSetName = CredentialSet)]
    [Parameter(ParameterSetName = OAuthSet)]
    [ValidateSet("Production", "Sandbox")]
    public TravelPerkEnvironment Environment { get; set; } = TravelPerkEnvironment.Production;

    /// <summary>Base address of the SCIM service, when it is another than the environment's, such as
    /// https://app.travelperk.com/api/v2/scim.</summary>
    [Parameter(ParameterSetName = ApiKeySet)]
    [Parameter(ParameterSetName = BearerSet)]
    [Parameter(ParameterSetName = CredentialSet)]
    [Parameter(ParameterSetName = OAuthSet)]
    [Parameter(ParameterSetName = JobSet)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(KnownValueCompleter))]
    public Uri? BaseUri { get; set; }

    /// <summary>How many users to ask for at a time, 1 to 1000. The service may answer fewer.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int PageSize { get; set; } = 100;

    /// <summary>How long to wait for one answer, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; } = 100;

    /// <summary>Writes the connection, to be given to -Connection of other commands. Without it, nothing is written.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Prepare() => _sandboxes = RunspaceSession.Current.Sandboxes;

    /// <inheritdoc/>
    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        ErrorRecord error;
        try
        {
            TravelPerkConnection connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() => RunspaceSession.Current.Connection = connection).ConfigureAwait(false);
            if (PassThru)
                await WriteObjectAsync(connection).ConfigureAwait(false);

            return;
        }
        catch (Exception exception) when (ErrorRecords.IsOurs(exception))
        {
            error = ErrorRecords.From(exception, BaseUri);
        }

        await ThrowTerminatingErrorAsync(error).ConfigureAwait(false);
    }

    private async Task<TravelPerkConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (BaseUri is not null && MyInvocation.BoundParameters.ContainsKey(nameof(Environment)))
        {
            throw new CommandException(
                "AmbiguousTarget",
                ErrorCategory.InvalidArgument,
                "Give -Environment or -BaseUri, not both: each says which TravelPerk to connect to."
            );
        }

        if (Job is not null)
        {
            var job = ProvisioningJob.Open(await ResolvePathAsync(Job.Path).ConfigureAwait(false));
            IEnumerable<Uri> here = _sandboxes.Select(sandbox => sandbox.BaseUri);
            return await JobConnector.ConnectAsync(job, here, cancellationToken, BaseUri, PageSize, TimeoutSec).ConfigureAwait(false);
        }

        TravelPerkEnvironment environment = BaseUri is null && Sandbox is null ? Environment : TravelPerkEnvironment.Custom;
        var options = new ScimClientOptions
        {
            BaseUri = Sandbox?.BaseUri ?? BaseUri ?? TravelPerkAddress.Of(Environment),
            PageSize = PageSize,
            RequestTimeout = TimeSpan.FromSeconds(TimeoutSec),
        };
        if (ClientCredential is not null)
        {
            return new TravelPerkConnection(
                environment,
                options,
                await SignInAsync(ClientCredential, options.BaseUri, cancellationToken).ConfigureAwait(false),
                "OAuth"
            );
        }

        if (BearerToken is not null)
            return new TravelPerkConnection(environment, options, ScimCredential.Bearer(BearerToken), "Bearer");

        using SecureString? handedOut = Sandbox?.GetApiKey();
        return new TravelPerkConnection(
            environment,
            options,
            ScimCredential.ApiKey(handedOut ?? Credential?.Password ?? ApiKey!),
            "ApiKey"
        );
    }
}
