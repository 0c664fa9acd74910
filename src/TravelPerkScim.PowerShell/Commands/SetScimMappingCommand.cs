using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Discovery;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Changes the source of one TravelPerk attribute.</summary>
/// <remarks>
/// <para>Changes the mapping of a target attribute in the job's mapping.json, or adds one. The whole mapping is checked before it is saved:
/// an unknown attribute, a wrong expression or a mapping without a matching attribute is an error, and the file stays as it was.</para>
/// <para>Target attributes come from three places: TravelPerk's published attributes, the target directory of an imported schema, and the
/// connected service. The definition of an attribute of the service is kept in mapping.json, so that a plan needs no connection.</para>
/// <para>A changed mapping makes the next cycle an initial one. Links are kept. Get-ProvisioningPlan shows the effect of the change.</para>
/// </remarks>
/// <example>
/// <para>Take the job title from another attribute</para>
/// <code>Set-ScimMapping ./contoso title -SourceAttribute extensionAttribute5</code>
/// <para>A direct mapping of a source attribute.</para>
/// </example>
/// <example>
/// <para>Write an expression in Entra's language</para>
/// <code>Set-ScimMapping ./contoso locale -Expression 'ToLower([preferredLanguage])'</code>
/// <para>The expression is checked before it is saved.</para>
/// </example>
/// <example>
/// <para>Match by employee number first</para>
/// <code>Set-ScimMapping ./contoso externalId -SourceAttribute employeeId -MatchingPriority 1</code>
/// <para>The attribute with the lowest priority above 0 is tried first.</para>
/// </example>
/// <example>
/// <para>Leave a phone number out instead of failing the user</para>
/// <code>Set-ScimMapping ./contoso 'phoneNumbers[type eq "work"].value' -OnInvalid Drop</code>
/// <para>A number that TravelPerk would refuse is left out, and one warning a cycle counts the users. The setting is in mapping.json, in an
/// annotation that Entra ignores.</para>
/// </example>
/// <seealso>Get-ScimMapping</seealso>
/// <seealso>Remove-ScimMapping</seealso>
/// <seealso>Resolve-ScimExpression</seealso>
/// <seealso>Get-ProvisioningPlan</seealso>
/// <seealso>about_TravelPerkScim_Mapping</seealso>
[Cmdlet(VerbsCommon.Set, "ScimMapping", SupportsShouldProcess = true, DefaultParameterSetName = FlowSet, HelpUri = HelpPages.Expressions)]
[OutputType(typeof(ScimMapping))]
public sealed class SetScimMappingCommand : MappingCommand
{
    private const string FlowSet = "Flow";
    private const string DirectSet = "Direct";
    private const string ExpressionSet = "Expression";
    private const string ConstantSet = "Constant";

    private TravelPerkConnection? _connection;

    /// <summary>The TravelPerk attribute, such as title or name.givenName. An attribute of an extension may have its short name, such as
    /// costCenter. Get-ScimMapping -Default lists them.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TargetAttributeCompleter))]
    public string TargetAttribute { get; set; } = "";

    /// <summary>A source attribute to take the value from, by its Entra or Graph name.</summary>
    [Parameter(ParameterSetName = DirectSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SourceAttributeCompleter))]
    public string? SourceAttribute { get; set; }

    /// <summary>An expression in Entra's language, such as 'Append([mailNickname], "@contoso.com")'.</summary>
    [Parameter(ParameterSetName = ExpressionSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ExpressionCompleter))]
    public string? Expression { get; set; }

    /// <summary>A text that is the same for every user.</summary>
    [Parameter(ParameterSetName = ConstantSet, Mandatory = true)]
    [ValidateNotNull]
    [AllowEmptyString]
    public string? Constant { get; set; }

    /// <summary>A value to use when the source gives none, while a user is created. $null removes it.</summary>
    [Parameter]
    [AllowNull, AllowEmptyString]
    public string? DefaultValue { get; set; }

    /// <summary>Matching precedence: users are matched by the attribute with the lowest value above 0 first. 0: not a matching
    /// attribute.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int? MatchingPriority { get; set; }

    /// <summary>Always, or ObjectAddOnly for a value that is sent only while a user is created.</summary>
    [Parameter]
    public AttributeFlowType? FlowType { get; set; }

    /// <summary>The handling of a value that TravelPerk would refuse, such as a language or a phone number in another form. Fail: the user
    /// is an error and is not sent. Drop: only this attribute is left out, with a warning.</summary>
    [Parameter]
    public InvalidValueAction? OnInvalid { get; set; }

    /// <summary>The connection to read an attribute from that neither TravelPerk publishes nor the mapping defines. Without it, the default
    /// connection of this runspace, if there is one.</summary>
    [Parameter]
    [ValidateNotNull]
    public TravelPerkConnection? Connection { get; set; }

    /// <summary>Writes the mapping as it is after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Prepare() => _connection = RunspaceSession.Choose(Connection);

    private protected override async Task ProcessMappingAsync(
        MappingLocation location,
        SynchronizationSchema schema,
        CancellationToken cancellationToken
    )
    {
        (string target, IReadOnlyList<ScimSchemaAttribute> service) = await ResolveAsync(schema, cancellationToken).ConfigureAwait(false);
        AttributeMapping mapping = schema.UserMapping.Find(target) ?? NewMapping(schema, target);
        if (IsNothingGiven)
        {
            throw new CommandException(
                "NothingToSet",
                ErrorCategory.InvalidArgument,
                $"The mapping of '{TargetAttribute}' was not changed: no change was given. "
                    + "Give -SourceAttribute, -Expression, -Constant, -DefaultValue, -MatchingPriority, -FlowType or -OnInvalid."
            );
        }

        Change(mapping);
        ServiceAttributes.Define(schema, service);
        await SaveAsync(location, schema, $"Change the mapping of {mapping.TargetAttributeName}").ConfigureAwait(false);
        if (PassThru)
            await WriteObjectAsync(new ScimMapping(location.Path, mapping)).ConfigureAwait(false);
    }

    private bool IsDefaultValueGiven => MyInvocation.BoundParameters.ContainsKey(nameof(DefaultValue));

    private bool IsNothingGiven =>
        ParameterSetName == FlowSet && MatchingPriority is null && FlowType is null && OnInvalid is null && !IsDefaultValueGiven;

    /// <summary>The whole name of the attribute, and the connected service's attributes where TravelPerk does not publish it.</summary>
    private async Task<(string Target, IReadOnlyList<ScimSchemaAttribute> Service)> ResolveAsync(
        SynchronizationSchema schema,
        CancellationToken cancellationToken
    )
    {
        string[] known = [.. TargetAttributeName.Known(schema)];
        string target = TargetAttributeName.Resolve(TargetAttribute, known);
        bool published = AttributePath.TryParse(target, out AttributePath? path) && TravelPerkSchema.Find(path) is not null;
        ServiceAttributeList service = await ServiceAttributeList
            .ReadAsync(published ? null : _connection, cancellationToken)
            .ConfigureAwait(false);
        await WriteWarningAsync(service.Problem).ConfigureAwait(false);
        if (service.Attributes.Count > 0 && !known.Contains(target, StringComparer.OrdinalIgnoreCase))
            target = TargetAttributeName.Resolve(TargetAttribute, service.Attributes.Select(attribute => attribute.Path.ToString()));
        return (target, service.Attributes);
    }

    private void Change(AttributeMapping mapping)
    {
        mapping.Source = ParameterSetName switch
        {
            DirectSet => AttributeMappingSource.FromAttribute(SourceAttribute!.Trim('[', ']')),
            ExpressionSet => AttributeMappingSource.FromExpression(Expression!),
            ConstantSet => AttributeMappingSource.FromConstant(Constant!),
            _ => mapping.Source,
        };
        if (IsDefaultValueGiven)
            mapping.DefaultValue = string.IsNullOrEmpty(DefaultValue) ? null : DefaultValue;
        mapping.MatchingPriority = MatchingPriority ?? mapping.MatchingPriority;
        mapping.FlowType = FlowType ?? mapping.FlowType;
        mapping.OnInvalid = OnInvalid ?? mapping.OnInvalid;
    }

    private AttributeMapping NewMapping(SynchronizationSchema schema, string target)
    {
        if (ParameterSetName == FlowSet)
        {
            throw new CommandException(
                "MappingNotFound",
                ErrorCategory.ObjectNotFound,
                $"The mapping has no '{TargetAttribute}' yet. Name the source of its value: -SourceAttribute, -Expression or -Constant."
            );
        }

        var mapping = new AttributeMapping(target);
        schema.UserMapping.Set(mapping);
        return schema.UserMapping.Find(target) ?? mapping;
    }
}
