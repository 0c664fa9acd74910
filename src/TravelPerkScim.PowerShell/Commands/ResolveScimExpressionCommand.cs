using System.Management.Automation;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Evaluates an expression of Entra's mapping language.</summary>
/// <remarks>
/// <para>Writes the value of the expression for each input object: text, a truth value, a number, or a list for a multi-valued result.
/// $null stands for no value. Nothing is sent anywhere.</para>
/// <para>An input object is a hashtable, a row of a CSV, an object from JSON, or a user as the Microsoft Graph module gives it. Attributes
/// are found by their Entra or Graph name without regard to case, nested (onPremisesExtensionAttributes.extensionAttribute1) or flat. An
/// attribute that the object lacks is null. IsSoftDeleted, when the object lacks it, is true for a disabled account.</para>
/// </remarks>
/// <example>
/// <para>Try an expression</para>
/// <code>Resolve-ScimExpression 'Append([mailNickname], "@contoso.com")' @{ mailNickname = 'anna.berg' }</code>
/// <para>Writes anna.berg@contoso.com.</para>
/// </example>
/// <example>
/// <para>Try an expression with every user of an export</para>
/// <code>Import-Csv ./users.csv |
///     Resolve-ScimExpression 'Switch([usageLocation], "en", "ES", "es", "FR", "fr")' |
///     Group-Object</code>
/// <para>Counts how often each value comes out.</para>
/// </example>
/// <example>
/// <para>See the steps of an evaluation</para>
/// <code>Get-MgUser -UserId anna@contoso.com -Property surname |
///     Resolve-ScimExpression 'ToUpper(Left([surname], 3))' -Explain</code>
/// <para>Writes one object a step, inner parts first.</para>
/// </example>
/// <seealso>Set-ScimMapping</seealso>
/// <seealso>ConvertTo-ScimUser</seealso>
/// <seealso>about_TravelPerkScim_Expressions</seealso>
[Cmdlet(VerbsDiagnostic.Resolve, "ScimExpression", HelpUri = HelpPages.Expressions)]
[OutputType(typeof(object), typeof(ExpressionStep))]
public sealed class ResolveScimExpressionCommand : AsyncCmdlet
{
    private MappingExpression? _expression;
    private CompiledExpression? _compiled;

    /// <summary>The expression.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ExpressionCompleter))]
    public string Expression { get; set; } = "";

    /// <summary>The source object: a hashtable, or any object with properties. Without it, every attribute is null.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject InputObject { get; set; } = new();

    /// <summary>Writes every step of the evaluation instead of the value alone.</summary>
    [Parameter]
    public SwitchParameter Explain { get; set; }

    private protected override void Prepare()
    {
        _expression = MappingExpression.Parse(Expression);
        _compiled = _expression.Compile();
    }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            InputObject,
            async () =>
            {
                PipedUser piped = await OnPipelineAsync(() => InputUser.Read(InputObject, _compiled!.Layout)).ConfigureAwait(false);
                SourceObject source = piped.User;
                foreach (string name in InputUser.Unreadable(source))
                    await WriteWarningAsync(InputUser.UnreadableMessage(source, name)).ConfigureAwait(false);
                if (!Explain)
                {
                    await WriteValueAsync(source).ConfigureAwait(false);
                    return;
                }

                foreach (ExpressionStep step in _expression!.Explain(source))
                    await WriteObjectAsync(step with { Value = Plain(step.Value) }).ConfigureAwait(false);
            }
        );

    // IgnoreObjectFlow is no failure: the expression has no value, and the user would be left alone.
    private async Task WriteValueAsync(SourceObject source)
    {
        object? value = null;
        try
        {
            value = Plain(_compiled!.Evaluate(source));
        }
        catch (MappingException e) when (e.Failure == MappingFailure.UserIgnored)
        {
            await WriteWarningAsync(e.Message).ConfigureAwait(false);
        }

        await WriteObjectAsync(value).ConfigureAwait(false);
    }

    private static object? Plain(object? value) =>
        value switch
        {
            IgnoredFlow => null,
            SourceReference reference => reference.Anchor,
            _ => value,
        };
}
