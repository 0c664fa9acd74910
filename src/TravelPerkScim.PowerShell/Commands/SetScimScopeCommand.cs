using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Sets the scope of a job with Entra's scoping filters.</summary>
/// <remarks>
/// <para>Replaces the scoping filters of the job's mapping.json. A filter is clauses of attribute, operator and value, joined by AND and
/// OR; the operators are Entra's. See about_TravelPerkScim_Scope. Attributes, operators, types and regular expressions are checked now, not
/// in the middle of a cycle. An error names the column.</para>
/// <para>The next cycle is an initial one. It disables the users who fall out of scope, unless the job has SkipOutOfScopeDeletions. Users
/// who fall out of an input filter (-InputFilter) stay as they are. Get-ProvisioningPlan shows the effect, and with a copy of the mapping
/// it shows the effect before the job is changed.</para>
/// </remarks>
/// <example>
/// <para>Provision two departments outside the United States</para>
/// <code>Set-ScimScope ./contoso -Filter 'department EQUALS "Sales", "Buying" AND country NOT EQUALS "US"'</code>
/// <para>Several values of a clause are alternatives. Text compares case-sensitively.</para>
/// </example>
/// <example>
/// <para>Join filters by OR, with a title for each</para>
/// <code>$sales = '"Sales people": department EQUALS "Sales"'
/// $executives = '"Executives": jobTitle REGEX MATCH "^(Chief|VP) "'
/// Set-ScimScope ./contoso -Filter $sales, $executives</code>
/// <para>A user who meets one of the filters is in scope. Entra's portal and the reasons in plans show the titles.</para>
/// </example>
/// <example>
/// <para>Try a new scope</para>
/// <code>Export-ScimMapping ./contoso ./new.json
/// Set-ScimScope ./new.json -Filter 'employeeId IS NOT NULL'
/// Get-ProvisioningPlan ./contoso -Mapping ./new.json | Where-Object Action -EQ Disable</code>
/// <para>Lists the users that would be disabled. The job still has its old scope.</para>
/// </example>
/// <example>
/// <para>Remove the scope</para>
/// <code>Set-ScimScope ./contoso -Clear</code>
/// <para>Removes the scoping filters, so that every user is in scope.</para>
/// </example>
/// <seealso>Get-ScimScope</seealso>
/// <seealso>Get-ProvisioningPlan</seealso>
/// <seealso>about_TravelPerkScim_Scope</seealso>
[Cmdlet(VerbsCommon.Set, "ScimScope", SupportsShouldProcess = true, DefaultParameterSetName = FilterSet, HelpUri = HelpPages.Scoping)]
[OutputType(typeof(ScimScope))]
public sealed class SetScimScopeCommand : MappingCommand
{
    private const string FilterSet = "Filter";
    private const string ClearSet = "Clear";

    /// <summary>The filters, such as 'department EQUALS "Sales" AND accountEnabled IS TRUE'. Several are joined by OR.</summary>
    [Parameter(ParameterSetName = FilterSet, Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ScopeCompleter))]
    public string[] Filter { get; set; } = [];

    /// <summary>Removes the filters.</summary>
    [Parameter(ParameterSetName = ClearSet, Mandatory = true)]
    public SwitchParameter Clear { get; set; }

    /// <summary>Changes the input filters instead. A user who falls out of an input filter is not disabled.</summary>
    [Parameter]
    public SwitchParameter InputFilter { get; set; }

    /// <summary>Writes the filters as they are after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessMappingAsync(
        MappingLocation location,
        SynchronizationSchema schema,
        CancellationToken cancellationToken
    )
    {
        FilterGroup[] groups = [.. Filter.SelectMany(filter => ScopeText.Parse(filter, schema))];
        ScopeFilter scope = schema.UserMapping.Scope ?? new ScopeFilter();
        SchemaList<FilterGroup> changed = InputFilter ? scope.InputFilterGroups : scope.Groups;
        changed.Clear();
        foreach (FilterGroup group in groups)
            changed.Add(group);
        schema.UserMapping.Scope = scope;

        await SaveAsync(location, schema, groups.Length == 0 ? "Clear the scope" : $"Set the scope to {ScopeText.Print(groups)}")
            .ConfigureAwait(false);
        foreach (FilterGroup group in PassThru ? groups : [])
        {
            await WriteObjectAsync(new ScimScope(location.Path, InputFilter ? ScimScopeKind.InputFilter : ScimScopeKind.Scope, group))
                .ConfigureAwait(false);
        }
    }
}
