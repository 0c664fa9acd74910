using System.Management.Automation;
using System.Net;
using TravelPerkScim.Mapping;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>Turns a failure into an error record with a stable id, PowerShell's category, and the input object.</summary>
internal static class ErrorRecords
{
    // Failures of a source. Every other one is an error of reading.
    private static readonly Dictionary<string, ErrorCategory> s_ofSource = new(StringComparer.Ordinal)
    {
        ["EntraSignInFailed"] = ErrorCategory.AuthenticationError,
        ["EntraSignInExpired"] = ErrorCategory.AuthenticationError,
        ["EntraSignInUnavailable"] = ErrorCategory.AuthenticationError,
        ["EntraTokenExpired"] = ErrorCategory.AuthenticationError,
        ["EntraUnauthorized"] = ErrorCategory.AuthenticationError,
        ["InvalidAccessToken"] = ErrorCategory.AuthenticationError,
        ["InvalidCertificate"] = ErrorCategory.AuthenticationError,
        ["EntraCredentialsRefused"] = ErrorCategory.AuthenticationError,
        ["EntraNotConnected"] = ErrorCategory.ConnectionError,
        ["EntraUnreachable"] = ErrorCategory.ConnectionError,
        ["EntraRoleMissing"] = ErrorCategory.InvalidArgument,
        ["EntraTemplateAmbiguous"] = ErrorCategory.InvalidArgument,
        ["EntraApplicationAmbiguous"] = ErrorCategory.InvalidArgument,
        ["EntraPrincipalAmbiguous"] = ErrorCategory.InvalidArgument,
        ["TravelPerkAddressInvalid"] = ErrorCategory.InvalidArgument,
        ["EntraCredentialsWouldBeLost"] = ErrorCategory.InvalidOperation,
        ["EntraTemplateMissing"] = ErrorCategory.InvalidOperation,
        ["EntraRequestRefused"] = ErrorCategory.InvalidOperation,
        ["EntraRoleProtected"] = ErrorCategory.InvalidOperation,
        ["EntraClaimsMappingAssigned"] = ErrorCategory.InvalidOperation,
        ["EntraApplicationForeign"] = ErrorCategory.InvalidOperation,
        ["EntraApplicationNotFound"] = ErrorCategory.ObjectNotFound,
        ["TenantNotFound"] = ErrorCategory.ObjectNotFound,
        ["EntraObjectNotFound"] = ErrorCategory.ObjectNotFound,
        ["EntraTemplateNotFound"] = ErrorCategory.ObjectNotFound,
        ["EntraRoleNotFound"] = ErrorCategory.ObjectNotFound,
        ["EntraPrincipalNotFound"] = ErrorCategory.ObjectNotFound,
        ["EntraNotSettled"] = ErrorCategory.OperationTimeout,
        ["EntraNotAuthorized"] = ErrorCategory.OperationTimeout,
        ["EntraPermissionMissing"] = ErrorCategory.PermissionDenied,
        ["EntraConflict"] = ErrorCategory.ResourceExists,
    };

    // Failures of a job or a cycle. Every other one is an operation that the state of the job does not allow.
    private static readonly Dictionary<string, ErrorCategory> s_ofProvisioning = new(StringComparer.Ordinal)
    {
        ["NotConnected"] = ErrorCategory.ConnectionError,
        ["PathInvalid"] = ErrorCategory.InvalidArgument,
        ["JobSettingsInvalid"] = ErrorCategory.InvalidData,
        ["SecretInvalid"] = ErrorCategory.InvalidData,
        ["ReportMixed"] = ErrorCategory.InvalidData,
        ["ReportInputUnknown"] = ErrorCategory.InvalidData,
        ["NotificationAddressInvalid"] = ErrorCategory.InvalidData,
        ["NotificationSecretInvalid"] = ErrorCategory.InvalidData,
        [ProvisioningException.UnexpectedId] = ErrorCategory.NotSpecified,
        ["JobNotFound"] = ErrorCategory.ObjectNotFound,
        ["MappingNotFound"] = ErrorCategory.ObjectNotFound,
        ["SecretMissing"] = ErrorCategory.ObjectNotFound,
        ["StateUnreadable"] = ErrorCategory.ReadError,
        ["JobUnreadable"] = ErrorCategory.ReadError,
        ["MappingUnreadable"] = ErrorCategory.ReadError,
        ["SecretUnreadable"] = ErrorCategory.ReadError,
        ["JobExists"] = ErrorCategory.ResourceExists,
        ["JobBusy"] = ErrorCategory.ResourceExists,
        ["TargetNotChosen"] = ErrorCategory.SecurityError,
        ["JobFileIsLink"] = ErrorCategory.SecurityError,
        ["FileIsLink"] = ErrorCategory.SecurityError,
        ["SecretExposed"] = ErrorCategory.SecurityError,
        ["SecretPathRefused"] = ErrorCategory.SecurityError,
        ["NotificationAddressRefused"] = ErrorCategory.SecurityError,
        ["StateUnwritable"] = ErrorCategory.WriteError,
        ["JobUnwritable"] = ErrorCategory.WriteError,
        ["MappingUnwritable"] = ErrorCategory.WriteError,
        ["ReportUnwritable"] = ErrorCategory.WriteError,
    };

    // Failures of the SCIM client. The status code tells of every other one.
    private static readonly Dictionary<string, ErrorCategory> s_ofScim = new(StringComparer.Ordinal)
    {
        ["InvalidCredential"] = ErrorCategory.AuthenticationError,
        ["OAuthRefused"] = ErrorCategory.AuthenticationError,
        ["OAuthCodeRefused"] = ErrorCategory.AuthenticationError,
        ["OAuthClientRefused"] = ErrorCategory.AuthenticationError,
        ["OAuthRefreshRefused"] = ErrorCategory.AuthenticationError,
        ["Unreachable"] = ErrorCategory.ConnectionError,
        ["ConnectionLost"] = ErrorCategory.ConnectionError,
        ["PagingIncomplete"] = ErrorCategory.InvalidResult,
        ["PagingNotSupported"] = ErrorCategory.InvalidResult,
        ["ResponseTooLarge"] = ErrorCategory.LimitsExceeded,
        ["TokenNotFound"] = ErrorCategory.ObjectNotFound,
        ["TimedOut"] = ErrorCategory.OperationTimeout,
        ["OAuthTimedOut"] = ErrorCategory.OperationTimeout,
        ["OAuthDenied"] = ErrorCategory.PermissionDenied,
        ["OAuthPortInUse"] = ErrorCategory.ResourceBusy,
        ["TokenStoreUnavailable"] = ErrorCategory.ResourceUnavailable,
        ["TlsFailure"] = ErrorCategory.SecurityError,
        ["InsecureUri"] = ErrorCategory.SecurityError,
    };

    // Statuses that the SCIM client reports. Every other one belongs to its hundred.
    private static readonly Dictionary<HttpStatusCode, ErrorCategory> s_ofStatus = new()
    {
        [HttpStatusCode.Unauthorized] = ErrorCategory.AuthenticationError,
        [HttpStatusCode.Forbidden] = ErrorCategory.PermissionDenied,
        [HttpStatusCode.NotFound] = ErrorCategory.ObjectNotFound,
        [HttpStatusCode.Gone] = ErrorCategory.ObjectNotFound,
        [HttpStatusCode.Conflict] = ErrorCategory.ResourceExists,
        [HttpStatusCode.TooManyRequests] = ErrorCategory.LimitsExceeded,
        [HttpStatusCode.RequestEntityTooLarge] = ErrorCategory.LimitsExceeded,
        [HttpStatusCode.RequestTimeout] = ErrorCategory.OperationTimeout,
        [HttpStatusCode.GatewayTimeout] = ErrorCategory.OperationTimeout,
        [HttpStatusCode.NotImplemented] = ErrorCategory.NotImplemented,
        [HttpStatusCode.MethodNotAllowed] = ErrorCategory.NotImplemented,
    };

    /// <summary>True for failures that the rooms report on purpose. Any other exception is a defect.</summary>
    public static bool IsOurs(Exception exception) =>
        exception is CommandException or ScimException or MappingException or SourceException or ProvisioningException;

    /// <summary>True for a fault of the module itself; false for PowerShell's own exceptions that end a pipeline.</summary>
    public static bool IsUnexpected(Exception exception) =>
        !IsOurs(exception) && exception is not RuntimeException && ProvisioningException.IsUnexpected(exception);

    /// <param name="exception">One for which <see cref="IsOurs"/> or <see cref="IsUnexpected"/> holds.</param>
    /// <param name="target">The input object that failed; null when the whole command did.</param>
    public static ErrorRecord From(Exception exception, object? target) =>
        exception switch
        {
            CommandException own => new ErrorRecord(own, own.ErrorId, own.Category, target),
            ScimException scim => new ErrorRecord(scim, scim.ErrorId, CategoryOf(scim), target),
            MappingException mapping => new ErrorRecord(
                Escaped(mapping),
                mapping.ErrorId,
                ErrorCategory.InvalidData,
                target ?? mapping.TargetAttribute
            ),
            SourceException source => new ErrorRecord(source, source.ErrorId, CategoryOf(source), target),
            ProvisioningException provisioning => new ErrorRecord(provisioning, provisioning.ErrorId, CategoryOf(provisioning), target),
            _ => From(ProvisioningException.Unexpected(exception), target),
        };

    // The other rooms escape control characters in their messages themselves.
    private static MappingException Escaped(MappingException mapping)
    {
        string shown = ShownText.Of(mapping.Message);
        if (shown == mapping.Message)
            return mapping;
        return new MappingException(mapping.ErrorId, shown)
        {
            Failure = mapping.Failure,
            TargetAttribute = mapping.TargetAttribute,
            Column = mapping.Column,
        };
    }

    /// <summary>The failure of one entry in a cycle.</summary>
    public static ErrorRecord From(ProvisioningOutcome failure)
    {
        string id = failure.ErrorCode ?? "Failure";
        var exception = new CommandException(id, ErrorCategory.InvalidData, failure.Reason);
        return new ErrorRecord(exception, id, ErrorCategory.InvalidData, failure);
    }

    private static ErrorCategory CategoryOf(SourceException exception) =>
        s_ofSource.GetValueOrDefault(exception.ErrorId, ErrorCategory.ReadError);

    private static ErrorCategory CategoryOf(ProvisioningException exception) =>
        s_ofProvisioning.GetValueOrDefault(exception.ErrorId, ErrorCategory.InvalidOperation);

    private static ErrorCategory CategoryOf(ScimException exception) =>
        s_ofScim.TryGetValue(exception.ErrorId, out ErrorCategory category) ? category : CategoryOf(exception.StatusCode);

    private static ErrorCategory CategoryOf(HttpStatusCode? status)
    {
        if (status is not { } code)
            return ErrorCategory.InvalidArgument;
        if (s_ofStatus.TryGetValue(code, out ErrorCategory category))
            return category;
        if (code >= HttpStatusCode.InternalServerError)
            return ErrorCategory.ResourceUnavailable;
        return code >= HttpStatusCode.BadRequest ? ErrorCategory.InvalidData : ErrorCategory.InvalidResult;
    }
}
