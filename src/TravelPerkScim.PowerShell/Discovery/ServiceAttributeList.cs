using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Discovery;

/// <summary>The attributes that the connected service publishes, or why they are not known.</summary>
/// <param name="Attributes">None without a connection, or where the service does not tell.</param>
/// <param name="Problem">A warning; null when there is nothing to warn of.</param>
internal sealed record ServiceAttributeList(IReadOnlyList<ScimSchemaAttribute> Attributes, string? Problem)
{
    public static async Task<ServiceAttributeList> ReadAsync(TravelPerkConnection? connection, CancellationToken cancellationToken)
    {
        if (connection is null)
            return new ServiceAttributeList([], null);
        try
        {
            return new ServiceAttributeList(
                SchemaReader.Read(await connection.Client.GetSchemasAsync(cancellationToken).ConfigureAwait(false)),
                null
            );
        }
        catch (ScimException e)
        {
            return new ServiceAttributeList(
                [],
                $"The attributes that the service publishes were not read: {e.Message} "
                    + "Only the attributes of TravelPerk and of the mapping file are known."
            );
        }
    }
}
