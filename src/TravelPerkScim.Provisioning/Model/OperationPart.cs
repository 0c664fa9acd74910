namespace TravelPerkScim.Provisioning.Model;

/// <summary>The place of an operation among the operations of one user.</summary>
internal enum OperationPart
{
    /// <summary>The user's own operation.</summary>
    Whole,

    /// <summary>Before the user's own operation: a unique value for the moment, because users exchange their values.</summary>
    Interim,

    /// <summary>After the user's own operation: the reference to a manager who did not exist before.</summary>
    Late,
}

/// <summary>An operation that must have succeeded before another one is sent.</summary>
/// <param name="Key">The operation's key.</param>
/// <param name="SourceId">Source anchor of the operation's user.</param>
/// <param name="Identity">The operation's user, for people.</param>
/// <param name="Attribute">The unique attribute whose value the operation gives up; empty where both are operations of one user.</param>
internal sealed record AwaitedOperation(string Key, string SourceId, string Identity, string Attribute);
