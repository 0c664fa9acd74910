using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Worker.Log;

/// <summary>What the worker logs: jobs, counts, ids and places, never a user or a secret.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Watching {Folder}, {Cycles} cycles at once at most.")]
    public static partial void Watching(this ILogger logger, string folder, int cycles);

    [LoggerMessage(2, LogLevel.Information, "Job {Job}: {Schedule}.")]
    public static partial void Taken(this ILogger logger, string job, string schedule);

    [LoggerMessage(3, LogLevel.Information, "Job {Job}: its folder is gone, and so is the job.")]
    public static partial void Removed(this ILogger logger, string job);

    [LoggerMessage(4, LogLevel.Error, "Job {Job} cannot be read ({ErrorId}) and is looked at again: {Reason}")]
    public static partial void Broken(this ILogger logger, string job, string errorId, string reason);

    [LoggerMessage(5, LogLevel.Error, "The folder {Folder} cannot be read ({Error}). The jobs that are known run on.")]
    public static partial void FolderUnreadable(this ILogger logger, string folder, string error);

    [LoggerMessage(6, LogLevel.Information, "Job {Job}: {Kind} cycle, {State} after {Seconds:0.0} s: {Counts}.")]
    public static partial void Done(this ILogger logger, string job, CycleKind kind, CycleState state, string counts, double seconds);

    [LoggerMessage(7, LogLevel.Information, "Job {Job}: the cycle was stopped; the next one goes on from there.")]
    public static partial void Stopped(this ILogger logger, string job);

    [LoggerMessage(8, LogLevel.Error, "Job {Job}: the cycle failed ({ErrorId}) and is tried again: {Reason}")]
    public static partial void Failed(this ILogger logger, string job, string errorId, string reason);

    [LoggerMessage(9, LogLevel.Warning, "Job {Job}: {Reason}")]
    public static partial void NotRecorded(this ILogger logger, string job, string reason);

    [LoggerMessage(10, LogLevel.Error, "The folder was not looked through: {Reason}")]
    public static partial void Unexpected(this ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Information, "Job {Job}: another cycle of it is under way; the next attempt is in a minute.")]
    public static partial void Busy(this ILogger logger, string job);

    [LoggerMessage(12, LogLevel.Information, "Status page and health answer on {Urls}.")]
    public static partial void Listening(this ILogger logger, string urls);

    [LoggerMessage(13, LogLevel.Warning, "Job {Job}: {Reason}")]
    public static partial void NotLookedAfter(this ILogger logger, string job, string reason);

    [LoggerMessage(14, LogLevel.Error, "The states of the jobs cannot be read: {Reason} The jobs that are known run on.")]
    public static partial void StoreUnreadable(this ILogger logger, string reason);

    [LoggerMessage(
        30,
        LogLevel.Warning,
        "Notifications that wait are in the database as plain text, and no job can sign in with OAuth: --keys names no folder of keys."
    )]
    public static partial void NotEncrypted(this ILogger logger);
}
