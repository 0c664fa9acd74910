using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Shows the scoping filters of a job or of a mapping file.</summary>
/// <remarks>
/// <para>Writes one object a scoping filter. A user is in scope when all clauses of one filter hold. Without a filter every user is in
/// scope, and nothing is written.</para>
/// </remarks>
/// <example>
/// <para>See the scope of a job</para>
/// <code>Get-ScimScope ./contoso</code>
/// <para>Lists the filters of the job.</para>
/// </example>
/// <example>
/// <para>Give another job the same scope</para>
/// <code>Set-ScimScope ./other -Filter (Get-ScimScope ./contoso).Filter</code>
/// <para>The filters of a job are what Set-ScimScope takes.</para>
/// </example>
/// <example>
/// <para>See the clauses as Entra has them</para>
/// <code>(Get-ScimScope ./contoso).Clause</code>
/// <para>Lists attribute, operator and values of each clause.</para>
/// </example>
/// <seealso>Set-ScimScope</seealso>
/// <seealso>about_TravelPerkScim_Scope</seealso>
[Cmdlet(VerbsCommon.Get, "ScimScope", HelpUri = HelpPages.Scoping)]
[OutputType(typeof(ScimScope))]
public sealed class GetScimScopeCommand : MappingCommand
{
    private protected override async Task ProcessMappingAsync(
        MappingLocation location,
        SynchronizationSchema schema,
        CancellationToken cancellationToken
    )
    {
        if (schema.UserMapping.Scope is not { } scope)
            return;
        (ScimScopeKind Kind, SchemaList<FilterGroup> Groups)[] kinds =
        [
            (ScimScopeKind.Scope, scope.Groups),
            (ScimScopeKind.Category, scope.CategoryFilterGroups),
            (ScimScopeKind.InputFilter, scope.InputFilterGroups),
        ];
        foreach ((ScimScopeKind kind, SchemaList<FilterGroup> groups) in kinds)
        {
            foreach (FilterGroup group in groups.Where(group => group.Clauses.Count > 0))
                await WriteObjectAsync(new ScimScope(location.Path, kind, group)).ConfigureAwait(false);
        }
    }
}
