using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Map;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>What one read of the source showed, reduced to what a plan needs: unchanged users are counted, not kept.</summary>
internal sealed class SourceReading
{
    /// <summary>Users whose desired state differs from the one last reached, or who have no link.</summary>
    public List<DesiredUser> Changed { get; } = [];

    /// <summary>Unchanged users whose manager has no TravelPerk user yet.</summary>
    public List<DesiredUser> Waiting { get; } = [];

    public List<ProvisioningOperation> Leaving { get; } = [];

    public List<ProvisioningOperation> Removed { get; } = [];

    /// <summary>Users whose desired state cannot be computed or would be refused.</summary>
    public List<(DesiredUser User, string Code, string Message)> Unusable { get; } = [];

    /// <summary>Escrowed anchors of which nothing is left to retry: back in the state last reached, or gone.</summary>
    public List<string> Settled { get; } = [];

    /// <summary>Linked anchors, disabled ones too, that a complete read did not list.</summary>
    public HashSet<string> Gone { get; } = new(StringComparer.Ordinal);

    public List<string> Warnings { get; } = [];

    /// <summary>The read reached its end.</summary>
    public bool Complete { get; set; }

    public string? Watermark { get; set; }

    public CycleCounts Counts { get; set; } = new();
}
