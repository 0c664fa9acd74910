using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Channels;

/// <summary>What a notification says of its condition.</summary>
public enum NotificationChange : long
{
    /// <summary>It began.</summary>
    Begun,

    /// <summary>It goes on.</summary>
    Continuing,

    /// <summary>It is over.</summary>
    Over,

    /// <summary>There is no condition: a digest, or a test of the channel.</summary>
    Report,
}

/// <summary>A line of a notification, such as "Failed entries: 12".</summary>
/// <param name="Name">What is told.</param>
/// <param name="Value">Its value as text.</param>
public sealed record NotificationFact(string Name, string Value)
{
    /// <summary>The machine and the account that this process runs as: of several machines, a reader knows where to look.</summary>
    public static NotificationFact Sender => new("Sent by", $"{Environment.UserName} on {Environment.MachineName}");
}

/// <summary>
/// What a job tells, before a channel gives it a form. It holds counts, reasons and commands, and users' names only where the job's
/// notifications include them.
/// Every text in it is shown text: nothing in it can steer a terminal. A channel escapes it for its own form.
/// </summary>
public sealed record Notification
{
    /// <summary>Stable id: a notification that is sent again has the same one (Standard Webhooks: webhook-id).</summary>
    public required string Id { get; init; }

    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>What is told of; null for a test of the channel.</summary>
    public NotificationRule? Rule { get; init; }

    /// <summary>Begun, going on, over, or a report.</summary>
    public required NotificationChange Change { get; init; }

    /// <summary>When it was found out, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>One line: what happened to which job.</summary>
    public required string Title { get; init; }

    /// <summary>What happened, why, and what to do; sentences.</summary>
    public required string Text { get; init; }

    /// <summary>Counts and times.</summary>
    public IReadOnlyList<NotificationFact> Facts { get; init; } = [];

    /// <summary>Commands that show more, or put it right, ready to be pasted.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>The users concerned; empty unless the job's notifications include names.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}
