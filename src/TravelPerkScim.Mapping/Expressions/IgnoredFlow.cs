namespace TravelPerkScim.Mapping;

/// <summary>What a mapping says for one target attribute of one user when nothing is to flow (IgnoreFlowIfNullOrEmpty).</summary>
public sealed class IgnoredFlow
{
    private IgnoredFlow() { }

    /// <summary>The only one.</summary>
    public static IgnoredFlow Instance { get; } = new();

    /// <inheritdoc/>
    public override string ToString() => "(not flowed)";
}
