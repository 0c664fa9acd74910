using TravelPerkScim.Mapping;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>A cycle or job cannot go on. The message names the cause and the way out.</summary>
public sealed class ProvisioningException : Exception
{
    /// <summary><see cref="ErrorId"/> of a fault of the module itself.</summary>
    public const string UnexpectedId = "UnexpectedError";

    /// <summary>In the message of a cycle that was stopped, the error of the cycle's last entry begins here. That error may name a
    /// user.</summary>
    public const string EntryMark = ", the last one with: ";

    public ProvisioningException(string errorId, string message, Exception? inner = null)
        : base(ShownText.Of(message), inner) => ErrorId = errorId;

    /// <summary>Stable id, such as <c>JobNotFound</c>.</summary>
    public string ErrorId { get; }

    /// <summary>What callers decide by.</summary>
    public ProvisioningFailure Failure { get; init; }

    /// <summary>True for an exception that no part of the module throws on purpose.</summary>
    public static bool IsUnexpected(Exception exception) =>
        exception
            is not (
                ProvisioningException
                or ScimException
                or MappingException
                or SourceException
                or OperationCanceledException
                or OutOfMemoryException
            );

    /// <summary>A fault of the module, in words that can be written down and shown.</summary>
    public static ProvisioningException Unexpected(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return new(
            UnexpectedId,
            $"{cause.GetType().Name}: {cause.Message} This is a fault of the module "
                + $"and not of the job's settings. Report it with the steps that led to it.",
            cause
        );
    }
}
