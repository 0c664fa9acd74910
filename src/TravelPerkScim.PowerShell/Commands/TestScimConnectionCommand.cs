using System.Management.Automation;
using System.Text.Json.Nodes;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Tries the connection to TravelPerk.</summary>
/// <remarks>
/// <para>Asks for a user whose userName is a random GUID, as Test Connection in the Entra admin center does: the service must take the credential and answer an empty list. Writes $true or $false; what went wrong goes to the error stream. Nothing is changed.</para>
/// <para>With -Detailed it also reads the discovery endpoints and writes one record a check instead.</para>
/// </remarks>
/// <example>
/// <para>Go on only when the connection works</para>
/// <code>if (-not (Test-ScimConnection)) { exit 1 }</code>
/// <para>The reason is on the error stream.</para>
/// </example>
/// <example>
/// <para>See each check</para>
/// <code>Test-ScimConnection -Detailed</code>
/// <para>Writes a record for the user query, the service's configuration and its schemas.</para>
/// </example>
/// <seealso>Connect-TravelPerk</seealso>
[Cmdlet(VerbsDiagnostic.Test, "ScimConnection")]
[OutputType(typeof(bool), typeof(ConnectionCheck))]
public sealed class TestScimConnectionCommand : TargetCommand
{
    /// <summary>Writes one record for each check instead of one Boolean for all.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        using ScimClient client = Target.CreateProbe();
        ConnectionCheck query = await ConnectionCheck.RunAsync("User query", () => QueryAsync(client, cancellationToken)).ConfigureAwait(false);
        if (!Detailed)
        {
            if (query.Failure is { } failure)
            {
                await WriteErrorAsync(ErrorRecords.From(failure, Target)).ConfigureAwait(false);
            }

            await WriteObjectAsync(query.Passed).ConfigureAwait(false);
            return;
        }

        await WriteObjectAsync(query).ConfigureAwait(false);
        await WriteObjectAsync(await ConnectionCheck.RunAsync("Service configuration", () => ReadConfigAsync(client, cancellationToken)).ConfigureAwait(false)).ConfigureAwait(false);
        await WriteObjectAsync(await ConnectionCheck.RunAsync("Schemas", () => ReadSchemasAsync(client, cancellationToken)).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task<string> QueryAsync(ScimClient client, CancellationToken cancellationToken)
    {
        ScimFilter nobody = ScimFilter.Equal("userName", Guid.NewGuid().ToString());
        await foreach (ScimPage page in client.ReadPagesAsync(nobody, cancellationToken).ConfigureAwait(false))
        {
            if (page.Users.Count > 0)
            {
                throw new CommandException("FilterIgnored", ErrorCategory.InvalidResult, "The service answered users to a filter that matches nobody, so users cannot be matched safely. Check that the base address is a SCIM 2.0 service.");
            }
        }

        return "signed in; a query for nobody was answered with an empty list";
    }

    private static async Task<string> ReadConfigAsync(ScimClient client, CancellationToken cancellationToken)
    {
        JsonObject config = await client.GetServiceProviderConfigAsync(cancellationToken).ConfigureAwait(false);
        ScimServiceProviderConfig read = new(config);
        return $"patch {OnOff(read.Patch)}, filter {OnOff(read.Filter)}, bulk {OnOff(read.Bulk)}";
    }

    private static async Task<string> ReadSchemasAsync(ScimClient client, CancellationToken cancellationToken)
    {
        IReadOnlyList<JsonObject> schemas = await client.GetSchemasAsync(cancellationToken).ConfigureAwait(false);
        return $"{schemas.Count} schemas";
    }

    private static string OnOff(bool value) => value ? "on" : "off";
}
