using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Tests whether people can sign in to TravelPerk, and whether that will last.</summary>
/// <remarks>
/// <para>Looks at mode, addresses, certificates, claims and assignments, and at the federation metadata that the sign-in service shows
/// everyone, whose certificate must be the active one. Writes one object for each check, with what to do. Nothing is changed, so it fits a
/// schedule; the certificate is warned of early enough to change it in peace.</para>
/// <para>Needs Application.Read.All and Policy.Read.All. The metadata is read without signing in.</para>
/// </remarks>
/// <example>
/// <para>See what is not as it should be</para>
/// <code>Test-EntraSingleSignOn TravelPerk | Where-Object Status -NE Passed | Format-List</code>
/// <para>Shows warnings and failures with advice.</para>
/// </example>
/// <example>
/// <para>In a runbook: fail the run while people cannot sign in</para>
/// <code>if (Test-EntraSingleSignOn TravelPerk -WarnDays 90 | Where-Object Status -EQ Failed) {
///     throw 'Single sign-on is broken.'
/// }</code>
/// <para>A certificate that ends within 90 days is a warning, not a failure.</para>
/// </example>
/// <seealso>Set-EntraSingleSignOn</seealso>
/// <seealso>Update-EntraSigningCertificate</seealso>
[Cmdlet(VerbsDiagnostic.Test, "EntraSingleSignOn", HelpUri = HelpPages.SingleSignOn)]
[OutputType(typeof(EntraSingleSignOnCheck))]
public sealed class TestEntraSingleSignOnCommand : EntraCommand
{
    /// <summary>The application: its name, application id or object id, or what Get-EntraApplication found.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public EntraApplicationIdentity Application { get; set; } = null!;

    /// <summary>A certificate that ends within so many days is a warning. Default: 60, when Entra's first mail goes out too.</summary>
    [Parameter]
    [ValidateRange(0, 1095)]
    public int WarnDays { get; set; } = 60;

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            Application,
            async () =>
            {
                await foreach (
                    EntraSingleSignOnCheck check in EntraSingleSignOnCalls
                        .TestAsync(Entra, Application, WarnDays, cancellationToken)
                        .ConfigureAwait(false)
                )
                    await WriteObjectAsync(check).ConfigureAwait(false);
            }
        );
}
