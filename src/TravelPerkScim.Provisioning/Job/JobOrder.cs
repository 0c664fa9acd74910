namespace TravelPerkScim.Provisioning.Job;

/// <summary>The order in which jobs are shown.</summary>
internal static class JobOrder
{
    /// <summary>Jobs that need a person come first, then those that are silent for longest.</summary>
    public static IEnumerable<T> WorstFirst<T>(
        this IEnumerable<T> jobs,
        Func<T, JobConcern> concern,
        Func<T, DateTimeOffset?> silentSince,
        Func<T, string> name
    ) => jobs.OrderBy(concern).ThenBy(job => silentSince(job) ?? default).ThenBy(name, StringComparer.Ordinal);
}
