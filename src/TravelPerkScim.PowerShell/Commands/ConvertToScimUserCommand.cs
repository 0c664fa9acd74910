using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Shows the TravelPerk users that source objects would become.</summary>
/// <remarks>
/// <para>Maps each input object with the mapping of a job, of a mapping file, or the module's default one, and writes the user that a
/// create would send to TravelPerk. Nothing is read from TravelPerk or sent to it. A user that TravelPerk would refuse is an error that
/// names the attribute and the rule.</para>
/// <para>With -Explain, writes one object an attribute instead: the expression, its inputs, its steps, the result, and the rule it
/// breaks.</para>
/// <para>A guest's userPrincipalName is the home address, as in a cycle. A value of another kind than its attribute is an error of that
/// object; the text of an object in place of a value is a warning, and counts as not given.</para>
/// <para>An input object is a hashtable, a row of a CSV, an object from JSON, or a user as the Microsoft Graph module gives it. Attributes
/// have their Entra or Graph names. An account that is disabled or out of scope becomes an inactive user. A cycle would disable such a user
/// and never create it, so the other values are not checked. The manager is shown by the source id.</para>
/// </remarks>
/// <example>
/// <para>See one person as a TravelPerk user</para>
/// <code>(Get-Content ./users.json -Raw | ConvertFrom-Json).value |
///     Where-Object surname -EQ Berg |
///     ConvertTo-ScimUser -Job ./contoso</code>
/// <para>Writes the user with the values the job's mapping gives.</para>
/// </example>
/// <example>
/// <para>See where each value comes from</para>
/// <code>$user |
///     ConvertTo-ScimUser -Job ./contoso -Explain |
///     Format-List TargetAttribute, Expression, Inputs, Steps, Value, Problem</code>
/// <para>Explains each attribute.</para>
/// </example>
/// <example>
/// <para>Find the users that TravelPerk would refuse</para>
/// <code>Import-Csv ./users.csv |
///     ConvertTo-ScimUser -Job ./contoso -ErrorVariable refused -ErrorAction SilentlyContinue |
///     Out-Null
/// $refused</code>
/// <para>One error a user, with the attribute and the rule.</para>
/// </example>
/// <seealso>Resolve-ScimExpression</seealso>
/// <seealso>Get-ProvisioningPlan</seealso>
/// <seealso>about_TravelPerkScim_Mapping</seealso>
[Cmdlet(VerbsData.ConvertTo, "ScimUser", HelpUri = HelpPages.Expressions)]
[OutputType(typeof(ScimUser), typeof(AttributePreview))]
public sealed class ConvertToScimUserCommand : AsyncCmdlet
{
    private MappingPreview? _preview;

    /// <summary>The source object: a hashtable, or any object with properties.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject InputObject { get; set; } = new();

    /// <summary>The job whose mapping is used: its folder, or a job object. A mapping file does as well. Without it, the module's default
    /// mapping is used.</summary>
    [Parameter(Position = 1)]
    [Alias("Mapping")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public ProvisioningJobIdentity? Job { get; set; }

    /// <summary>Writes one object a target attribute: expression, inputs, steps, result, and the rule it breaks.</summary>
    [Parameter]
    public SwitchParameter Explain { get; set; }

    private protected override async Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        SynchronizationSchema schema = Job is null
            ? SynchronizationSchema.Default
            : MappingLocation.Open(await ResolvePathAsync(Job.Path).ConfigureAwait(false)).Read();
        _preview = MappingPreview.Compile(schema);
    }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            InputObject,
            async () =>
            {
                PipedUser piped = await OnPipelineAsync(() => InputUser.Read(InputObject, _preview!.Layout)).ConfigureAwait(false);
                SourceObject source = piped.User;
                foreach (string name in InputUser.Unreadable(source))
                    await WriteWarningAsync(InputUser.UnreadableMessage(source, name)).ConfigureAwait(false);
                ScopeDecision decision = _preview!.ScopeOf(source);
                await WriteVerboseAsync(decision.Reason).ConfigureAwait(false);
                if (decision.Deprovision)
                    source.Values[source.Layout.SlotOf("IsSoftDeleted")] = true;
                if (!Explain)
                {
                    await WriteObjectAsync(_preview.Convert(source)).ConfigureAwait(false);
                    return;
                }

                foreach (AttributePreview attribute in _preview.Explain(source))
                    await WriteObjectAsync(attribute).ConfigureAwait(false);
            }
        );
}
