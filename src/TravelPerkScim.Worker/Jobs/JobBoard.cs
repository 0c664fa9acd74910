using System.Collections.Concurrent;

namespace TravelPerkScim.Worker.Jobs;

/// <summary>The jobs of the folder, as they stand now: written by the watch and by cycles, read by status page, health and metrics.
/// Thread-safe.</summary>
internal sealed class JobBoard
{
    private readonly ConcurrentDictionary<string, JobView> _views = new(StringComparer.Ordinal);

    /// <summary>The jobs, by name.</summary>
    public IReadOnlyList<JobView> Views => [.. _views.Values.OrderBy(view => view.Name, StringComparer.Ordinal)];

    /// <summary>The folder was looked through at least once.</summary>
    public bool IsRead { get; set; }

    /// <summary>The worker stops, and begins no cycle any more.</summary>
    public bool IsClosing { get; set; }

    /// <summary>Why the folder itself cannot be read; null when it can.</summary>
    public string? FolderProblem { get; set; }

    /// <summary>A job; null when the folder has none there.</summary>
    public JobView? Find(string path) => _views.GetValueOrDefault(path);

    /// <summary>Adds a job, or puts it in the place of what was known of it.</summary>
    public void Set(JobView view) => _views[view.Path] = view;

    /// <summary>Changes what is known of a job; nothing when it is gone.</summary>
    public JobView? Change(string path, Func<JobView, JobView> change)
    {
        while (_views.TryGetValue(path, out JobView? view))
        {
            JobView changed = change(view);
            if (_views.TryUpdate(path, changed, view))
                return changed;
        }
        return null;
    }

    /// <summary>Forgets a job whose folder is gone.</summary>
    public void Remove(string path) => _views.TryRemove(path, out _);
}
