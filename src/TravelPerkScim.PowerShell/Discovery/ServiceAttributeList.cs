using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Discovery;

/// <summary>The attributes that the connected service publishes, or the reason why they are not known.</summary>
/// <param name="Attributes">Empty without a connection, or when the service does not publish them.</param>
/// <param name="Problem">The reason, as a warning; null when the attributes were read.</param>
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
