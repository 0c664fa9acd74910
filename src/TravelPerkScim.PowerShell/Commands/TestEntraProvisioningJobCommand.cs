using System.Management.Automation;
using System.Security;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Tests whether a hosted provisioning job signs in to TravelPerk.</summary>
/// <remarks>
/// <para>Entra itself makes the test, as with the admin center's Test Connection: with the saved credentials, or with a token that is not
/// saved. Nothing is changed. A refusal is an object with Success false, its reason and advice. A test that could not be made is an
/// error.</para>
/// <para>Least permission: Synchronization.ReadWrite.All, which Entra requires for this test, and Application.Read.All to find the
/// application.</para>
/// </remarks>
/// <example>
/// <para>Test the saved credentials</para>
/// <code>Test-EntraProvisioningJob TravelPerk</code>
/// <para>Success is true when TravelPerk accepts the saved credentials.</para>
/// </example>
/// <example>
/// <para>Try a token before it is saved</para>
/// <code>$token = Read-Host 'Token' -AsSecureString
/// if ((Test-EntraProvisioningJob TravelPerk -SecretToken $token).Success) {
///     Set-EntraProvisioningJob TravelPerk -SecretToken $token
/// }</code>
/// <para>Saves the token when TravelPerk accepts it.</para>
/// </example>
/// <seealso>Set-EntraProvisioningJob</seealso>
/// <seealso>Get-EntraProvisioningJob</seealso>
[Cmdlet(VerbsDiagnostic.Test, "EntraProvisioningJob", HelpUri = HelpPages.HostedJobs)]
[OutputType(typeof(EntraCredentialTest))]
public sealed class TestEntraProvisioningJobCommand : EntraJobCommand
{
    /// <summary>A token to try. Without it, the saved credentials are tested.</summary>
    [Parameter]
    [ValidateNotNull]
    [Secret]
    public SecureString? SecretToken { get; set; }

    /// <summary>Address to try the token at. Default: the saved address, else https://app.travelperk.com/api/v2/scim.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? BaseAddress { get; set; }

    private protected override async Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken) =>
        await WriteObjectAsync(
                await EntraHostedJobs.TestAsync(Entra, job, BaseAddress, SecretToken, cancellationToken).ConfigureAwait(false)
            )
            .ConfigureAwait(false);
}
