namespace TravelPerkScim.Mapping;

/// <summary>What a mapping says for one target attribute of one user when nothing is to flow (IgnoreFlowIfNullOrEmpty, IgnoreAttributeFlow).</summary>
public sealed class IgnoredFlow
{
    /// <summary>ErrorId of the error that leaves the whole user alone in this cycle (IgnoreObjectFlow).</summary>
    public const string ObjectErrorId = "ObjectFlowIgnored";

    private IgnoredFlow() { }

    /// <summary>The only one.</summary>
    public static IgnoredFlow Instance { get; } = new();

    /// <inheritdoc/>
    public override string ToString() => "(not flowed)";
}
