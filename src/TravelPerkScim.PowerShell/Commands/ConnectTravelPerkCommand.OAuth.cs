using System.Management.Automation;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.PowerShell.SignIn;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.PowerShell.Commands;

/// <content>Signing in with OAuth.</content>
public sealed partial class ConnectTravelPerkCommand
{
    private const string OAuthSet = "OAuth";

    /// <summary>The app that TravelPerk registered for you: its client id as user name, its client secret as password.</summary>
    [Parameter(ParameterSetName = OAuthSet, Mandatory = true)]
    [Credential]
    public PSCredential? ClientCredential { get; set; }

    /// <summary>Asks a TravelPerk administrator for consent, in the browser. Without it, a sign-in stored earlier is used, and no browser
    /// is needed.</summary>
    [Parameter(ParameterSetName = OAuthSet)]
    public SwitchParameter Authorize { get; set; }

    /// <summary>What to ask for: scim:read, scim:write and scim:delete, unless you say less.</summary>
    [Parameter(ParameterSetName = OAuthSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(KnownValueCompleter))]
    public string[] Scope { get; set; } = ["scim:read", "scim:write", "scim:delete"];

    /// <summary>Port of the redirect address http://127.0.0.1:port/callback, when TravelPerk was told one. Without it, a free
    /// port.</summary>
    [Parameter(ParameterSetName = OAuthSet)]
    [ValidateRange(1, 65535)]
    public int RedirectPort { get; set; }

    /// <summary>Shows the address to open as a warning instead of opening the browser. It must be opened on this machine.</summary>
    [Parameter(ParameterSetName = OAuthSet)]
    public SwitchParameter NoBrowser { get; set; }

    /// <summary>Name of a SecretManagement vault that keeps the sign-in for later sessions.</summary>
    [Parameter(ParameterSetName = OAuthSet)]
    [ValidateNotNullOrEmpty]
    public string? TokenVault { get; set; }

    /// <summary>Keeps the sign-in for later sessions in this user's protected store: DPAPI on Windows, Keychain on macOS, Secret Service on
    /// Linux.</summary>
    [Parameter(ParameterSetName = OAuthSet)]
    public SwitchParameter Remember { get; set; }

    private async Task<OAuthCredential> SignInAsync(PSCredential client, Uri target, CancellationToken cancellationToken)
    {
        if (TokenVault is not null && Remember)
        {
            throw new CommandException(
                "AmbiguousTokenStore",
                ErrorCategory.InvalidArgument,
                "Give -TokenVault or -Remember, not both: each says where the sign-in is kept."
            );
        }

        ITokenStore? store =
            TokenVault is not null ? new VaultTokenStore(TokenVault)
            : Remember ? new ProtectedTokenStore()
            : null;
        if (store is null && !Authorize)
        {
            throw new CommandException(
                "AuthorizeNeeded",
                ErrorCategory.InvalidArgument,
                "Add -Authorize to sign in with the browser, or -TokenVault or -Remember to use a sign-in stored there earlier."
            );
        }

        var options = new OAuthOptions
        {
            Endpoints = OAuthEndpoints.For(target),
            ClientId = client.UserName,
            ClientSecret = client.Password,
            Scopes = Scope,
            RedirectPort = RedirectPort,
            Store = store,
            Trace = TraceRequest,
        };
        OAuthCredential credential = Authorize
            ? await OAuthSignIn.AuthorizeAsync(options, ShowAsync, cancellationToken).ConfigureAwait(false)
            : await OAuthSignIn.ResumeAsync(options, cancellationToken).ConfigureAwait(false);
        string[] missing = Authorize ? [.. Scope.Except(credential.Scopes, StringComparer.Ordinal)] : [];
        if (missing.Length > 0)
        {
            await WriteWarningAsync($"TravelPerk did not grant {string.Join(", ", missing)}; what needs it will be refused.")
                .ConfigureAwait(false);
        }

        return credential;
    }

    private async Task ShowAsync(Uri address)
    {
        if (!NoBrowser && Browser.TryOpen(address))
        {
            await WriteVerboseAsync("Waiting for a TravelPerk administrator to sign in and choose Authorize App in the browser.")
                .ConfigureAwait(false);
            return;
        }

        await WriteWarningAsync(
                $"Open this address in a browser on this machine, sign in as a "
                    + $"TravelPerk administrator and choose Authorize App: {address.AbsoluteUri}"
            )
            .ConfigureAwait(false);
    }
}
