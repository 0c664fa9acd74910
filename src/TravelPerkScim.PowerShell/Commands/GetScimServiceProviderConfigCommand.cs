using System.Management.Automation;
using TravelPerkScim.PowerShell.Discovery;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the abilities that the TravelPerk SCIM service declares.</summary>
/// <remarks>
/// <para>Reads the ServiceProviderConfig resource (RFC 7643 section 5): whether PATCH, filters, bulk operations, sorting and versions are
/// supported, and their limits.</para>
/// </remarks>
/// <example>
/// <para>See the supported features</para>
/// <code>Get-ScimServiceProviderConfig</code>
/// <para>Writes one object. Its ToJson() method gives the resource as the service sent it.</para>
/// </example>
/// <seealso>Get-ScimSchema</seealso>
[Cmdlet(VerbsCommon.Get, "ScimServiceProviderConfig", HelpUri = HelpPages.Scim)]
[OutputType(typeof(ScimServiceProviderConfig))]
public sealed class GetScimServiceProviderConfigCommand : TargetCommand
{
    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken) =>
        await WriteObjectAsync(
                new ScimServiceProviderConfig(await Target.Client.GetServiceProviderConfigAsync(cancellationToken).ConfigureAwait(false))
            )
            .ConfigureAwait(false);
}
