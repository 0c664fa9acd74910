namespace TravelPerkScim.GraphStandIn;

/// <summary>What the provisioning service does beyond answering plainly. Everything is off at first.</summary>
public sealed class SynchronizationBehavior
{
    /// <summary>So many changes are answered 403 first, as those to an application that was made a moment ago.</summary>
    public int ForbiddenFirst { get; set; }

    /// <summary>So many changes are answered 409 after those.</summary>
    public int ConflictFirst { get; set; }

    /// <summary>A job that was made is not seen for so many requests.</summary>
    public int JobUnseenFor { get; set; }

    /// <summary>Keys and values of the secrets that were saved; nothing is kept when these keys are not all in a PUT.</summary>
    public IReadOnlyList<string> NeededSecrets { get; set; } = [];

    /// <summary>The error code in the text of each provisionOnDemand, which is answered 200 all the same.</summary>
    public string? OnDemandError { get; set; }

    /// <summary>The value of provisionOnDemand is an array.</summary>
    public bool OnDemandArray { get; set; }

    /// <summary>The clock of "5 requests in 10 seconds" on provisionOnDemand and on the log; null is no limit.</summary>
    public TimeProvider? Clock { get; set; }

    /// <summary>Entries on a page of the log, whatever the client says.</summary>
    public int LogPage { get; set; } = 1000;

    /// <summary>Made jobs, credentials and starts whose answer is lost after it was done: the connection is cut that often.</summary>
    public int LoseAnswers { get; set; }
}
