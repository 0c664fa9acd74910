using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>A source that cannot be read at all.</summary>
public sealed class SourceException : Exception
{
    public SourceException(string errorId, string message, Exception? inner = null)
        : base(ShownText.Of(message), inner) => ErrorId = errorId;

    /// <summary>Stable id, such as <c>SourceFileEmpty</c>.</summary>
    public string ErrorId { get; }

    /// <summary>What callers decide by.</summary>
    public SourceFailure Failure { get; init; }
}
