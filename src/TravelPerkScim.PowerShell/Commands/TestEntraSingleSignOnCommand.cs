using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Tests whether people can sign in to TravelPerk, and whether that will last.</summary>
/// <remarks>
/// <para>Checks mode, addresses, certificates, claims and assignments. It also checks the public federation metadata of the sign-in
/// service, whose certificate must be the active one. Each check is one object, with advice. Nothing is changed, so the command fits a
/// schedule. A certificate that ends soon is a warning, in time to change it.</para>
/// <para>Needs Application.Read.All and Policy.Read.All. The metadata is read without signing in.</para>
/// </remarks>
/// <example>
/// <para>See warnings and failures</para>
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
public sealed class TestEntraSingleSignOnCommand : EntraApplicationCommand
{
    /// <summary>A certificate that ends within so many days is a warning. Default: 60, when Entra's first mail goes out too.</summary>
    [Parameter]
    [ValidateRange(0, 1095)]
    public int WarnDays { get; set; } = 60;

    private protected override async Task ProcessApplicationAsync(CancellationToken cancellationToken)
    {
        IAsyncEnumerable<EntraSingleSignOnCheck> checks = EntraSingleSignOnCalls.TestAsync(Entra, Application, WarnDays, cancellationToken);
        await foreach (EntraSingleSignOnCheck check in checks.ConfigureAwait(false))
            await WriteObjectAsync(check).ConfigureAwait(false);
    }
}
