using System.Management.Automation;
using TravelPerkScim.Mapping;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Checks a whole mapping and its scope without running anything.</summary>
/// <remarks>
/// <para>Writes one object a finding: unknown attributes and functions, wrong expressions, types and scoping clauses, required attributes that nothing maps, no matching attribute, misused references, constants that TravelPerk would refuse. A finding of severity Information tells of a mapping that may meet a value TravelPerk refuses, such as a language, a date or a phone number that a source attribute holds in any form. Nothing else is written when all is well. A mapping with a finding of severity Error cannot be saved in a job.</para>
/// <para>TravelPerk's published attributes are what target attributes are checked against. With -Discover, the schema that the connected service itself describes is read as well: attributes that it does not list, and those that it requires of a new user and nothing maps (RequiredByService), are warnings. An extension's required attributes count where the mapping fills any attribute of that extension. id, externalId and meta are in no schema and are no warning.</para>
/// </remarks>
/// <example>
/// <para>Check a schema downloaded from Entra</para>
/// <code>Test-ScimMapping ./schema.json</code>
/// <para>Lists what Import-ScimMapping would refuse or warn of, all at once.</para>
/// </example>
/// <example>
/// <para>Stop a script when a mapping cannot be used</para>
/// <code>if (Test-ScimMapping ./contoso | Where-Object Severity -EQ Error) { throw 'Correct the mapping first.' }</code>
/// <para>Looks at errors only.</para>
/// </example>
/// <example>
/// <para>Check against what the connected service says of itself</para>
/// <code>Test-ScimMapping ./contoso -Discover</code>
/// <para>Warns of attributes that the service's Schemas endpoint does not list, and of required ones that nothing maps.</para>
/// </example>
/// <seealso>Import-ScimMapping</seealso>
/// <seealso>Set-ScimMapping</seealso>
/// <seealso>about_TravelPerkScim_Mapping</seealso>
[Cmdlet(VerbsDiagnostic.Test, "ScimMapping", DefaultParameterSetName = JobSet, HelpUri = HelpPages.Expressions)]
[OutputType(typeof(ScimMappingFinding))]
public sealed class TestScimMappingCommand : MappingReadCommand
{
    private ScimClient? _client;
    private IReadOnlyList<ScimSchemaAttribute>? _discovered;

    /// <summary>Reads the target's own schema, and checks the mapping against that too. Needs a connection.</summary>
    [Parameter]
    public SwitchParameter Discover { get; set; }

    /// <summary>The connection to discover with, as Connect-TravelPerk -PassThru gives it. Without it, the default connection of this runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    public TravelPerkConnection? Connection { get; set; }

    private protected override void Prepare()
    {
        if (Discover || Connection is not null)
            _client = (Connection ?? SessionHoldings.Current.Connection ?? throw CommandException.NotConnected()).Client;
    }

    private protected override async Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        if (_client is not null)
            _discovered = SchemaReader.Read(await _client.GetSchemasAsync(cancellationToken).ConfigureAwait(false));
    }

    private protected override async Task ProcessMappingAsync(MappingPlace? place, SynchronizationSchema schema, CancellationToken cancellationToken)
    {
        foreach (MappingFinding finding in MappingTest.Run(schema, _discovered))
            await WriteObjectAsync(new ScimMappingFinding(place?.Path, finding)).ConfigureAwait(false);
    }
}
