using System.Management.Automation;
using System.Net;
using TravelPerkScim.Mapping;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>Turns a failure into an error record with a stable id, PowerShell's category, and the input object.</summary>
internal static class ErrorRecords
{
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
    private static MappingException Escaped(MappingException mapping) =>
        ShownText.Of(mapping.Message) is var shown && shown == mapping.Message
            ? mapping
            : new MappingException(mapping.ErrorId, shown)
            {
                Failure = mapping.Failure,
                TargetAttribute = mapping.TargetAttribute,
                Column = mapping.Column,
            };

    /// <summary>The failure of one entry in a cycle.</summary>
    public static ErrorRecord From(ProvisioningOutcome failure) =>
        new(
            new CommandException(failure.ErrorCode ?? "Failure", ErrorCategory.InvalidData, failure.Reason),
            failure.ErrorCode ?? "Failure",
            ErrorCategory.InvalidData,
            failure
        );

    private static ErrorCategory CategoryOf(SourceException exception) =>
        exception.ErrorId switch
        {
            "EntraNotConnected" or "EntraUnreachable" => ErrorCategory.ConnectionError,
            "EntraSignInFailed"
            or "EntraSignInExpired"
            or "EntraSignInUnavailable"
            or "EntraTokenExpired"
            or "EntraUnauthorized"
            or "InvalidAccessToken"
            or "InvalidCertificate" => ErrorCategory.AuthenticationError,
            "EntraPermissionMissing" => ErrorCategory.PermissionDenied,
            "EntraCredentialsRefused" => ErrorCategory.AuthenticationError,
            "EntraApplicationNotFound"
            or "TenantNotFound"
            or "EntraObjectNotFound"
            or "EntraTemplateNotFound"
            or "EntraRoleNotFound"
            or "EntraPrincipalNotFound" => ErrorCategory.ObjectNotFound,
            "EntraConflict" => ErrorCategory.ResourceExists,
            "EntraNotSettled" or "EntraNotAuthorized" => ErrorCategory.OperationTimeout,
            "EntraRoleMissing"
            or "EntraTemplateAmbiguous"
            or "EntraApplicationAmbiguous"
            or "EntraPrincipalAmbiguous"
            or "TravelPerkAddressInvalid" => ErrorCategory.InvalidArgument,
            "EntraCredentialsWouldBeLost"
            or "EntraTemplateMissing"
            or "EntraRequestRefused"
            or "EntraRoleProtected"
            or "EntraClaimsMappingAssigned"
            or "EntraApplicationForeign" => ErrorCategory.InvalidOperation,
            _ => ErrorCategory.ReadError,
        };

    private static ErrorCategory CategoryOf(ProvisioningException exception) =>
        exception.ErrorId switch
        {
            "JobNotFound" or "MappingNotFound" or "SecretMissing" => ErrorCategory.ObjectNotFound,
            "JobExists" or "JobBusy" => ErrorCategory.ResourceExists,
            "StateUnreadable" or "JobUnreadable" or "MappingUnreadable" or "SecretUnreadable" => ErrorCategory.ReadError,
            "StateUnwritable" or "JobUnwritable" or "MappingUnwritable" or "ReportUnwritable" => ErrorCategory.WriteError,
            "JobSettingsInvalid" or "SecretInvalid" or "ReportMixed" or "ReportInputUnknown" => ErrorCategory.InvalidData,
            ProvisioningException.UnexpectedId => ErrorCategory.NotSpecified,
            "NotConnected" => ErrorCategory.ConnectionError,
            "TargetNotChosen" => ErrorCategory.SecurityError,
            "JobFileIsLink" or "FileIsLink" or "SecretExposed" or "SecretPathRefused" => ErrorCategory.SecurityError,
            "PathInvalid" => ErrorCategory.InvalidArgument,
            "NotificationAddressInvalid" or "NotificationSecretInvalid" => ErrorCategory.InvalidData,
            "NotificationAddressRefused" => ErrorCategory.SecurityError,
            _ => ErrorCategory.InvalidOperation,
        };

    private static ErrorCategory CategoryOf(ScimException exception) =>
        exception.ErrorId switch
        {
            "Unreachable" or "ConnectionLost" => ErrorCategory.ConnectionError,
            "TlsFailure" or "InsecureUri" => ErrorCategory.SecurityError,
            "TimedOut" => ErrorCategory.OperationTimeout,
            "OAuthTimedOut" => ErrorCategory.OperationTimeout,
            "OAuthDenied" => ErrorCategory.PermissionDenied,
            "OAuthPortInUse" => ErrorCategory.ResourceBusy,
            "TokenNotFound" => ErrorCategory.ObjectNotFound,
            "TokenStoreUnavailable" => ErrorCategory.ResourceUnavailable,
            "InvalidCredential" or "OAuthRefused" or "OAuthCodeRefused" or "OAuthClientRefused" or "OAuthRefreshRefused" =>
                ErrorCategory.AuthenticationError,
            "ResponseTooLarge" => ErrorCategory.LimitsExceeded,
            "PagingIncomplete" or "PagingNotSupported" => ErrorCategory.InvalidResult,
            _ => CategoryOf(exception.StatusCode),
        };

    private static ErrorCategory CategoryOf(HttpStatusCode? status) =>
        status switch
        {
            null => ErrorCategory.InvalidArgument,
            HttpStatusCode.Unauthorized => ErrorCategory.AuthenticationError,
            HttpStatusCode.Forbidden => ErrorCategory.PermissionDenied,
            HttpStatusCode.NotFound or HttpStatusCode.Gone => ErrorCategory.ObjectNotFound,
            HttpStatusCode.Conflict => ErrorCategory.ResourceExists,
            HttpStatusCode.TooManyRequests or HttpStatusCode.RequestEntityTooLarge => ErrorCategory.LimitsExceeded,
            HttpStatusCode.RequestTimeout or HttpStatusCode.GatewayTimeout => ErrorCategory.OperationTimeout,
            HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed => ErrorCategory.NotImplemented,
            >= HttpStatusCode.InternalServerError => ErrorCategory.ResourceUnavailable,
            >= HttpStatusCode.BadRequest => ErrorCategory.InvalidData,
            _ => ErrorCategory.InvalidResult,
        };
}
