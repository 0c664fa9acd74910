namespace TravelPerkScim.Provisioning;

/// <summary>A cycle or job cannot go on. The message names the thing and the way out.</summary>
public sealed class ProvisioningException : Exception
{
    public ProvisioningException(string errorId, string message, Exception? inner = null) : base(message, inner) => ErrorId = errorId;

    /// <summary>Stable id, such as <c>JobNotFound</c>.</summary>
    public string ErrorId { get; }
}
