using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Shows the attribute mappings of a job or of a mapping file.</summary>
/// <remarks>
/// <para>Writes one object an attribute mapping: the TravelPerk attribute, the source of its value, and whether it matches users.</para>
/// </remarks>
/// <example>
/// <para>Review the mapping of a job</para>
/// <code>Get-ScimMapping ./contoso</code>
/// <para>Lists the attribute mappings in the order of mapping.json.</para>
/// </example>
/// <example>
/// <para>See the mapping that new jobs get</para>
/// <code>Get-ScimMapping -Default</code>
/// <para>Lists the module's own mapping, Entra to TravelPerk.</para>
/// </example>
/// <seealso>Set-ScimMapping</seealso>
/// <seealso>Test-ScimMapping</seealso>
/// <seealso>about_TravelPerkScim_Mapping</seealso>
[Cmdlet(VerbsCommon.Get, "ScimMapping", DefaultParameterSetName = JobSet, HelpUri = HelpPages.Expressions)]
[OutputType(typeof(ScimMapping))]
public sealed class GetScimMappingCommand : MappingReadCommand
{
    /// <summary>Only these target attributes. An attribute of an extension may have its short name, such as costCenter. Wildcards are
    /// allowed.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TargetAttributeCompleter))]
    public string[]? TargetAttribute { get; set; }

    private protected override async Task ProcessMappingAsync(
        MappingLocation? location,
        SynchronizationSchema schema,
        CancellationToken cancellationToken
    )
    {
        foreach (AttributeMapping mapping in schema.UserMapping.AttributeMappings)
        {
            if (IsRequested(mapping.TargetAttributeName))
                await WriteObjectAsync(new ScimMapping(location?.Path, mapping)).ConfigureAwait(false);
        }
    }

    // A path such as phoneNumbers[type eq "work"].value has brackets, and is not a wildcard pattern all the same.
    private bool IsRequested(string name) =>
        TargetAttribute is null
        || TargetAttribute.Any(asked =>
            TargetAttributeName.Means(asked, name)
            || (
                !asked.Contains('[', StringComparison.Ordinal)
                && new WildcardPattern(asked, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant).IsMatch(name)
            )
        );
}
