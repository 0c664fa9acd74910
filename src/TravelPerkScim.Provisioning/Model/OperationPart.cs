namespace TravelPerkScim.Provisioning.Model;

/// <summary>Which of one user's operations it is, where a user has several.</summary>
internal enum OperationPart
{
    /// <summary>The user's own operation.</summary>
    Whole,

    /// <summary>Before it: a unique value of its own for the moment, because users exchange theirs.</summary>
    Interim,

    /// <summary>After it: the reference to a manager who did not exist before.</summary>
    Late,
}

/// <summary>An operation that must have succeeded before another one is sent.</summary>
/// <param name="Key">Which one.</param>
/// <param name="SourceId">Whose.</param>
/// <param name="Identity">The same for people.</param>
/// <param name="Attribute">The unique attribute whose value it gives up; empty where both are operations of one user.</param>
internal sealed record AwaitedOperation(string Key, string SourceId, string Identity, string Attribute);
