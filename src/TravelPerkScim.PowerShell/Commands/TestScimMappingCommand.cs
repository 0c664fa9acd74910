using System.Management.Automation;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Checks a whole mapping and its scope without running anything.</summary>
/// <remarks>
/// <para>Writes one object a finding: unknown attributes and functions, wrong expressions, types and scoping clauses, required attributes
/// that nothing maps, no matching attribute, misused references, constants that TravelPerk would refuse. A finding of severity Information
/// tells of a mapping that may meet a value TravelPerk refuses, such as a language, a date or a phone number that a source attribute holds
/// in any form. Nothing else is written when all is well. A mapping with a finding of severity Error cannot be saved in a job.</para>
/// <para>TravelPerk's published attributes are what target attributes are checked against. With -Discover, the schema that the connected
/// service itself describes is read as well: attributes that it does not list, and those that it requires of a new user and nothing maps
/// (RequiredByService), are warnings. An extension's required attributes count where the mapping fills any attribute of that extension. id,
/// externalId and meta are in no schema and are no warning.</para>
/// <para>With -Against, Entra's own engine evaluates each expression too, for sample users, and what differs is a finding:
/// EvaluatesDifferently with both results, RefusedByEntra, or OnlyEntraAccepts. Where both agree, nothing is written; -Verbose counts them.
/// An expression whose value is another one each time is compared only in whether Entra takes it. Nothing is changed in Entra; it is sent
/// the expressions and the attributes of the sample users that they read. Entra allows it with Synchronization.ReadWrite.All only, or
/// Application.ReadWrite.OwnedBy for an application that owns the enterprise application; its cloud in China does not offer it.</para>
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
/// <example>
/// <para>Check that Entra and this module give the same values</para>
/// <code>Test-ScimMapping ./contoso -Against TravelPerk -User (Import-Csv ./users.csv | Select-Object -First 20)</code>
/// <para>Evaluates every expression for twenty people with the hosted job of the application, and names each value that differs.</para>
/// </example>
/// <seealso>Import-ScimMapping</seealso>
/// <seealso>Set-ScimMapping</seealso>
/// <seealso>Compare-ScimMapping</seealso>
/// <seealso>about_TravelPerkScim_Mapping</seealso>
[Cmdlet(VerbsDiagnostic.Test, "ScimMapping", DefaultParameterSetName = JobSet, HelpUri = HelpPages.Expressions)]
[OutputType(typeof(ScimMappingFinding))]
public sealed class TestScimMappingCommand : MappingReadCommand
{
    private const string JobAgainstSet = "JobAgainst";
    private const string DefaultAgainstSet = "DefaultAgainst";

    private ScimClient? _client;
    private IReadOnlyList<ScimSchemaAttribute>? _discovered;
    private EntraDirectoryConnection? _entra;
    private EntraExpressions? _expressions;

    /// <summary>The job: its folder, or a job object. A mapping file does as well. Without it, the job at the current location.</summary>
    [Parameter(ParameterSetName = JobSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = JobAgainstSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path", "Mapping")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public override ProvisioningJobIdentity Job
    {
        get => base.Job;
        set => base.Job = value;
    }

    /// <summary>Uses the module's default mapping instead of a job's.</summary>
    [Parameter(ParameterSetName = DefaultSet, Mandatory = true)]
    [Parameter(ParameterSetName = DefaultAgainstSet, Mandatory = true)]
    public override SwitchParameter Default
    {
        get => base.Default;
        set => base.Default = value;
    }

    /// <summary>The enterprise application whose hosted job evaluates the expressions too: its name, an id, or an object.</summary>
    [Parameter(ParameterSetName = JobAgainstSet, Mandatory = true)]
    [Parameter(ParameterSetName = DefaultAgainstSet, Mandatory = true)]
    [ValidateNotNull]
    public EntraApplicationIdentity? Against { get; set; }

    /// <summary>Sample users, as ConvertTo-ScimUser takes them: hashtables, or any objects with properties. Without them, the first five
    /// users of the job's source; a mapping that is not a job's is only checked for what Entra takes.</summary>
    [Parameter(ParameterSetName = JobAgainstSet)]
    [Parameter(ParameterSetName = DefaultAgainstSet)]
    [ValidateNotNullOrEmpty]
    public PSObject[] User { get; set; } = [];

    /// <summary>The connection to Entra, as Connect-EntraDirectory -PassThru gives it. Without it, the default connection of this
    /// runspace.</summary>
    [Parameter(ParameterSetName = JobAgainstSet)]
    [Parameter(ParameterSetName = DefaultAgainstSet)]
    [ValidateNotNull]
    public EntraDirectoryConnection? EntraConnection { get; set; }

    /// <summary>Reads the target's own schema, and checks the mapping against that too. Needs a connection.</summary>
    [Parameter]
    public SwitchParameter Discover { get; set; }

    /// <summary>The connection to discover with, as Connect-TravelPerk -PassThru gives it. Without it, the default connection of this
    /// runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    public TravelPerkConnection? Connection { get; set; }

    private protected override void Prepare()
    {
        SessionHoldings held = SessionHoldings.Current;
        if (Discover || Connection is not null)
            _client = (Connection ?? held.Connection ?? throw CommandException.NotConnected()).Client;
        if (Against is null)
            return;
        _entra = EntraConnection ?? held.EntraConnection ?? throw CommandException.EntraNotConnected();
        EntraExpressions.Require(_entra);
    }

    private protected override async Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        if (_client is not null)
            _discovered = SchemaReader.Read(await _client.GetSchemasAsync(cancellationToken).ConfigureAwait(false));
        if (Against is { } application)
            _expressions = new EntraExpressions(
                _entra!,
                await EntraHostedJobs.OneAsync(_entra!, application, cancellationToken).ConfigureAwait(false)
            );
    }

    private protected override async Task ProcessMappingAsync(
        MappingPlace? place,
        SynchronizationSchema schema,
        CancellationToken cancellationToken
    )
    {
        foreach (MappingFinding finding in MappingTest.Run(schema, _discovered))
            await WriteObjectAsync(new ScimMappingFinding(place?.Path, finding)).ConfigureAwait(false);
        if (_expressions is not null)
            await CompareAsync(place, schema, _expressions, cancellationToken).ConfigureAwait(false);
    }

    private async Task CompareAsync(
        MappingPlace? place,
        SynchronizationSchema schema,
        EntraExpressions entra,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<ExpressionCheck> expressions = ExpressionCheck.Of(schema, out SourceLayout layout);
        IReadOnlyList<(SourceObject? User, int Position)> samples = await SamplesAsync(place, layout, cancellationToken)
            .ConfigureAwait(false);
        int agreed = 0;
        foreach (ExpressionCheck expression in expressions)
        {
            foreach ((SourceObject? user, int position) in samples)
            {
                ExpressionResult there = await entra.EvaluateAsync(expression, user, cancellationToken).ConfigureAwait(false);
                if (expression.Compare(user, position, there) is { } finding)
                    await WriteObjectAsync(new ScimMappingFinding(place?.Path, finding)).ConfigureAwait(false);
                else
                    agreed++;
                // What is refused, is for every user.
                if (!there.Accepted || !expression.IsComparable)
                    break;
            }
        }

        int users = samples.Count(sample => sample.User is not null);
        await WriteVerboseAsync(
                $"The hosted job of '{entra.Application}' gives the same in {agreed} results, "
                    + $"of {expressions.Count} expressions and {users} sample users."
            )
            .ConfigureAwait(false);
    }

    /// <summary>The users that were given, or those of the job; without any, one place for parsing alone.</summary>
    private async Task<IReadOnlyList<(SourceObject? User, int Position)>> SamplesAsync(
        MappingPlace? place,
        SourceLayout layout,
        CancellationToken cancellationToken
    )
    {
        var samples = new List<(SourceObject? User, int Position)>();
        for (int i = 0; i < User.Length; i++)
        {
            PSObject given = User[i];
            int position = i + 1;
            await AttemptAsync(
                    given,
                    async () =>
                    {
                        (SourceObject? user, MappingException? fault) = await OnPipelineAsync(() => InputUser.Read(given, layout))
                            .ConfigureAwait(false);
                        samples.Add((user ?? throw fault!, position));
                    }
                )
                .ConfigureAwait(false);
        }

        if (User.Length == 0)
        {
            foreach (SourceObject user in await SampleUsers.OfAsync(place, layout, _entra!, cancellationToken).ConfigureAwait(false))
                samples.Add((user, samples.Count + 1));
            if (samples.Count == 0)
                await WriteWarningAsync(
                        "There is no sample user, so only the syntax of the expressions was checked. Give sample users with -User."
                    )
                    .ConfigureAwait(false);
        }

        return samples.Count > 0 ? samples : [(null, 0)];
    }
}
