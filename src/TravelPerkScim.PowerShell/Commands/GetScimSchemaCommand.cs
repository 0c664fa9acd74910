using System.Management.Automation;
using System.Text.Json.Nodes;
using TravelPerkScim.PowerShell.Discovery;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the schemas that the TravelPerk SCIM service publishes.</summary>
/// <remarks>
/// <para>Reads the Schemas endpoint (RFC 7644 section 4) and writes one object a schema, with its attributes.</para>
/// </remarks>
/// <example>
/// <para>List the schemas</para>
/// <code>Get-ScimSchema</code>
/// <para>Writes the core User schema and the extensions.</para>
/// </example>
/// <example>
/// <para>See the attributes of TravelPerk's extension</para>
/// <code>(Get-ScimSchema *travelperk*).Attribute</code>
/// <para>Writes name, type and rules of each attribute.</para>
/// </example>
/// <seealso>Get-ScimServiceProviderConfig</seealso>
[Cmdlet(VerbsCommon.Get, "ScimSchema", HelpUri = HelpPages.Scim)]
[OutputType(typeof(ScimSchema))]
public sealed class GetScimSchemaCommand : TargetCommand
{
    /// <summary>Name or URN of the schemas to get. Wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        WildcardPattern[] patterns =
        [
            .. Name.Select(name => new WildcardPattern(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant)),
        ];
        foreach (JsonObject resource in await Target.Client.GetSchemasAsync(cancellationToken).ConfigureAwait(false))
        {
            var schema = new ScimSchema(resource);
            if (patterns.Any(pattern => pattern.IsMatch(schema.Id ?? "") || pattern.IsMatch(schema.Name ?? "")))
                await WriteObjectAsync(schema).ConfigureAwait(false);
        }
    }
}
