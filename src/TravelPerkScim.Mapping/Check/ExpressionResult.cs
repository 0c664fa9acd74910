namespace TravelPerkScim.Mapping.Check;

/// <summary>The result of an engine for one expression and one user.</summary>
public sealed record ExpressionResult
{
    private ExpressionResult(bool accepted, IReadOnlyList<string>? values, string? error) =>
        (Accepted, Values, Error) = (accepted, values, error);

    /// <summary>The engine accepts the expression.</summary>
    public bool Accepted { get; }

    /// <summary>The values as text, none of them empty; null when there is no result.</summary>
    public IReadOnlyList<string>? Values { get; }

    /// <summary>Why there is no result; null when there is one, or when the engine does not tell.</summary>
    public string? Error { get; }

    /// <summary>The engine does not take the expression.</summary>
    public static ExpressionResult Refused(string? error) => new(false, null, error);

    /// <summary>The engine takes the expression, and cannot evaluate it for this user, or was not asked to.</summary>
    public static ExpressionResult Failed(string? error) => new(true, null, error);

    /// <summary>A result. Null and empty text are no value, because neither is written.</summary>
    public static ExpressionResult Of(IEnumerable<string?> values) =>
        new(true, [.. values.Where(value => !string.IsNullOrEmpty(value))!], null);

    /// <summary>The values, or why there are none.</summary>
    public override string ToString() =>
        Values switch
        {
            null when Error is null => "an error",
            null => $"an error ({Error.TrimEnd('.')})",
            [] => "no value",
            _ => string.Join(", ", Values.Select(value => $"'{value}'")),
        };
}
