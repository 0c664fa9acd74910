namespace TravelPerkScim.Operations.Channels;

/// <summary>Ends an attempt with the answer of the channel.</summary>
internal sealed class ChannelFailure(ChannelResult result, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public ChannelAnswer Answer { get; } = new(result, message, retryAfter);
}
