using TravelPerkScim.Mapping.Source;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Users of a job's source, to try a mapping with.</summary>
internal static class SampleUsers
{
    private const int MaxUsers = 5;

    /// <summary>The first users of a job's source; no user for a mapping file, which has no source.</summary>
    /// <exception cref="SourceException">The source cannot be read.</exception>
    /// <exception cref="Pipeline.CommandException"><c>EntraNotConnected</c>, <c>TenantMismatch</c>,
    /// <c>EntraPermissionMissing</c>.</exception>
    public static async Task<IReadOnlyList<SourceObject>> OfAsync(
        MappingLocation? location,
        SourceLayout layout,
        EntraDirectoryConnection connection,
        CancellationToken cancellationToken
    )
    {
        var users = new List<SourceObject>();
        if (location is null || !Directory.Exists(location.Path))
            return users;
        IDirectorySource source = JobSources.Open(ProvisioningJob.Open(location.Path), connection);
        await foreach (SourceItem item in source.ReadAsync(layout, watermark: null, cancellationToken).ConfigureAwait(false))
        {
            if (item is not SourceEntry entry || users.Exists(user => user.Anchor == entry.Object.Anchor))
                continue;
            MarkLeaver(entry, layout);
            users.Add(entry.Object);
            if (users.Count == MaxUsers)
                break;
        }
        return users;
    }

    private static void MarkLeaver(SourceEntry entry, SourceLayout layout)
    {
        int slot = layout.SlotOf("IsSoftDeleted");
        if (slot >= 0)
            entry.Object.Values[slot] ??= entry.SoftDeleted || entry.Object["accountEnabled"] is false;
    }
}
