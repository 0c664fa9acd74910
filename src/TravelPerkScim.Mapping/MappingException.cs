namespace TravelPerkScim.Mapping;

/// <summary>A mapping, expression or scoping filter that cannot be used, or a value that it cannot give. This assembly throws no other
/// exception for bad input.</summary>
public sealed class MappingException : Exception
{
    /// <param name="errorId">Stable PascalCase id, such as <c>ExpressionSyntax</c>.</param>
    /// <param name="message">One sentence or two: what is wrong, where, and the way out.</param>
    /// <param name="inner">The cause, when another library found it.</param>
    public MappingException(string errorId, string message, Exception? inner = null)
        : base(message, inner) => ErrorId = errorId;

    /// <summary>Stable PascalCase id.</summary>
    public string ErrorId { get; }

    /// <summary>What callers decide by.</summary>
    public MappingFailure Failure { get; init; }

    /// <summary>1-based column in the expression, or null when the error has no place in a text.</summary>
    public int? Column { get; init; }

    /// <summary>Name of the target attribute whose mapping is wrong, or null.</summary>
    public string? TargetAttribute { get; init; }

    /// <summary>The same error, with the name of the target attribute's mapping.</summary>
    internal MappingException For(string targetAttribute, string? user = null) =>
        new(
            ErrorId,
            user is null
                ? $"Attribute mapping '{targetAttribute}': {Message}"
                : $"User '{user}', attribute mapping '{targetAttribute}': {Message}",
            this
        )
        {
            Failure = Failure,
            Column = Column,
            TargetAttribute = targetAttribute,
        };
}
