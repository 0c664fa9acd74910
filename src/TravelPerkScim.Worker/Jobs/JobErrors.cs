using TravelPerkScim.Mapping;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Worker.Jobs;

/// <summary>What an error of a job is called, what it says, and how much of that belongs into a log.</summary>
internal static class JobErrors
{
    /// <summary>Stable id and message.</summary>
    public static (string Id, string Message) Of(Exception error) =>
        error switch
        {
            ProvisioningException own => (own.ErrorId, own.Message),
            ScimException scim => (scim.ErrorId, scim.Message),
            SourceException source => (source.ErrorId, source.Message),
            MappingException mapping => (mapping.ErrorId, ShownText.Of(mapping.Message)),
            _ => Of(ProvisioningException.Unexpected(error)),
        };

    /// <summary>
    /// What a log may hold. Messages on job.json, mapping and secrets name settings and places. What a service, a directory or its file
    /// answered may name users: a log gets the id,
    /// and Get-ProvisioningStatus and the status page say the rest.
    /// </summary>
    public static string ForLog(Exception error) =>
        error switch
        {
            ProvisioningException { ErrorId: not ProvisioningException.UnexpectedId } own => own.Message,
            MappingException mapping => ShownText.Of(mapping.Message),
            ScimException { StatusCode: { } status } => FormattableString.Invariant(
                $"TravelPerk answered {(int)status}. Get-ProvisioningStatus says more."
            ),
            ScimException or SourceException => "Get-ProvisioningStatus says more.",
            _ => Trace(error.InnerException ?? error),
        };

    // Where it happened says enough to find the fault; its message might hold a value.
    private static string Trace(Exception fault) =>
        $"{fault.GetType().Name}: a fault of the worker or module. Report it with this trace.\n{fault.StackTrace}";
}
