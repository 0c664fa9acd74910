using System.Management.Automation;
using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Checks a whole mapping and its scope without running anything.</summary>
/// <remarks>
/// <para>Writes one object a finding: unknown attributes and functions, wrong expressions, types and scoping clauses, required attributes
/// that nothing maps, no matching attribute, misused references, constants that TravelPerk would refuse. A finding of severity Information
/// names a mapping that may meet a value that TravelPerk refuses: a source attribute can hold a language, a date or a phone number in any
/// form. A faultless mapping gives no other finding. A mapping with a finding of severity Error cannot be saved in a job.</para>
/// <para>Target attributes are checked against TravelPerk's published attributes. With -Discover, the schema of the connected service is
/// read as well. Attributes that the service does not list are warnings, and so are unmapped attributes that it requires of a new user
/// (RequiredByService). An extension's required attributes count where the mapping fills any attribute of that extension. id, externalId
/// and meta are in no schema and give no warning.</para>
/// <para>With -Against, Entra's own engine evaluates each expression too, for sample users. A difference is a finding: EvaluatesDifferently
/// with both results, RefusedByEntra, or OnlyEntraAccepts. Equal results are not written; -Verbose counts them. Of an expression with a
/// random value, only its syntax is compared. Nothing is changed in Entra. The expressions, and the attributes of the sample users that
/// they read, are sent to Entra. Entra allows the evaluation with Synchronization.ReadWrite.All only, or Application.ReadWrite.OwnedBy for
/// an application that owns the enterprise application; its cloud in China does not offer it.</para>
/// </remarks>
/// <example>
/// <para>Check a schema downloaded from Entra</para>
/// <code>Test-ScimMapping ./schema.json</code>
/// <para>Lists all errors and warnings of Import-ScimMapping at once.</para>
/// </example>
/// <example>
/// <para>Stop a script when a mapping cannot be used</para>
/// <code>if (Test-ScimMapping ./contoso | Where-Object Severity -EQ Error) { throw 'Correct the mapping first.' }</code>
/// <para>Selects errors only.</para>
/// </example>
/// <example>
/// <para>Check against the schema of the connected service</para>
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
    /// users of the job's source. Without a job, only the syntax of the expressions is checked.</summary>
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
        if (Discover || Connection is not null)
            _client = RunspaceSession.Require(RunspaceSession.Choose(Connection)).Client;
        if (Against is null)
            return;
        _entra = RunspaceSession.Require(RunspaceSession.Choose(EntraConnection));
        EntraExpressions.Require(_entra);
    }

    private protected override async Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        if (_client is not null)
            _discovered = SchemaReader.Read(await _client.GetSchemasAsync(cancellationToken).ConfigureAwait(false));
        if (Against is { } application)
        {
            _expressions = new EntraExpressions(
                _entra!,
                await EntraHostedJobs.FindJobAsync(_entra!, application, cancellationToken).ConfigureAwait(false)
            );
        }
    }

    private protected override async Task ProcessMappingAsync(
        MappingLocation? location,
        SynchronizationSchema schema,
        CancellationToken cancellationToken
    )
    {
        foreach (MappingFinding finding in MappingTest.Run(schema, _discovered))
            await WriteObjectAsync(new ScimMappingFinding(location?.Path, finding)).ConfigureAwait(false);
        if (_expressions is not null)
            await CompareAsync(location, schema, _expressions, cancellationToken).ConfigureAwait(false);
    }

    private async Task CompareAsync(
        MappingLocation? location,
        SynchronizationSchema schema,
        EntraExpressions entra,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<ExpressionCheck> expressions = ExpressionCheck.Of(schema, out SourceLayout layout);
        IReadOnlyList<(SourceObject? User, int Position)> samples = await SamplesAsync(location, layout, cancellationToken)
            .ConfigureAwait(false);
        int agreed = 0;
        foreach (ExpressionCheck expression in expressions)
        {
            foreach ((SourceObject? user, int position) in samples)
            {
                ExpressionResult there = await entra.EvaluateAsync(expression, user, cancellationToken).ConfigureAwait(false);
                if (expression.Compare(user, position, there) is { } finding)
                    await WriteObjectAsync(new ScimMappingFinding(location?.Path, finding)).ConfigureAwait(false);
                else
                    agreed++;
                // An expression that Entra refuses is refused for every user.
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

    /// <summary>The given users, or users of the job's source; without any, one empty sample to check the syntax.</summary>
    private async Task<IReadOnlyList<(SourceObject? User, int Position)>> SamplesAsync(
        MappingLocation? location,
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
                        PipedUser piped = await OnPipelineAsync(() => InputUser.Read(given, layout)).ConfigureAwait(false);
                        samples.Add((piped.User, position));
                    }
                )
                .ConfigureAwait(false);
        }

        if (User.Length == 0)
        {
            foreach (SourceObject user in await SampleUsers.OfAsync(location, layout, _entra!, cancellationToken).ConfigureAwait(false))
                samples.Add((user, samples.Count + 1));
            if (samples.Count == 0)
            {
                await WriteWarningAsync(
                        "There is no sample user, so only the syntax of the expressions was checked. Give sample users with -User."
                    )
                    .ConfigureAwait(false);
            }
        }

        return samples.Count > 0 ? samples : [(null, 0)];
    }
}
