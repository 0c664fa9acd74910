namespace TravelPerkScim.Mapping.Expressions;

/// <summary>One function of the language: its signature, and what a call of it computes.</summary>
public sealed class ExpressionFunction
{
    private readonly string[] _parameters;
    private readonly int _repeating;

    /// <param name="signature">
    /// Name and parameters as documented; a name alone for a word that is written without parentheses. <c>?</c>: may be left empty.
    /// A last <c>...</c>: the parameters with the last number before it repeat.
    /// </param>
    /// <param name="summary">One sentence for people.</param>
    /// <param name="bind">Makes the evaluator of one call.</param>
    internal ExpressionFunction(string signature, string summary, Func<FunctionCall, Evaluator> bind)
    {
        int open = signature.IndexOf('(', StringComparison.Ordinal);
        Bare = open < 0;
        Name = Bare ? signature : signature[..open];
        const StringSplitOptions Names = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        string[] parameters = Bare ? [] : signature[(open + 1)..^1].Split(',', Names);
        bool repeats = parameters is [.., "..."];
        _parameters = repeats ? parameters[..^1] : parameters;
        _repeating = repeats ? _parameters.Count(parameter => Number(parameter) == Number(_parameters[^1])) : 0;
        MinArguments = Array.FindLastIndex(_parameters, parameter => !parameter.EndsWith('?')) + 1;
        Signature = signature;
        Summary = summary;
        Bind = bind;
    }

    /// <summary>The name, case-sensitive.</summary>
    public string Name { get; }

    /// <summary>Name and parameters. A question mark marks a parameter that may be left empty.</summary>
    public string Signature { get; }

    /// <summary>True when it is written without parentheses: IgnoreAttributeFlow, IgnoreObjectFlow.</summary>
    public bool Bare { get; }

    /// <summary>What it does, in a sentence.</summary>
    public string Summary { get; }

    /// <summary>True when it depends on the moment or on chance.</summary>
    public bool Volatile { get; internal init; }

    /// <summary>True when it cannot be an argument of another function.</summary>
    public bool TopLevelOnly { get; internal init; }

    internal int MinArguments { get; init; }

    internal int MaxArguments => _repeating > 0 ? int.MaxValue : _parameters.Length;

    internal Func<FunctionCall, Evaluator> Bind { get; }

    /// <summary>Name of the parameter at an index; repeated ones count on: key1, value1, key2, value2.</summary>
    internal string ParameterName(int index)
    {
        string name = Parameter(index).TrimEnd('?');
        if (index < FirstRepeated)
            return name;
        int round = (index - FirstRepeated) / _repeating;
        return FormattableString.Invariant($"{name[..^1]}{Number(name) - '0' + round}");
    }

    /// <summary>Index of a parameter by name, or -1.</summary>
    internal int IndexOf(string parameter) =>
        Array.FindIndex(_parameters, name => string.Equals(name.TrimEnd('?'), parameter, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="MappingException"><c>WrongArgumentCount</c> or <c>MissingArgument</c>.</exception>
    internal void CheckArguments(CallNode call)
    {
        int count = call.Arguments.Length;
        bool incomplete = _repeating > 0 && (count - FirstRepeated) % _repeating != 0;
        if (count < MinArguments || count > MaxArguments || incomplete)
        {
            string plural = count == 1 ? "" : "s";
            throw FunctionCall.Fail(call, "WrongArgumentCount", $"expected {Signature}, but found {count} argument{plural}");
        }
        for (int i = 0; i < count; i++)
        {
            if (call.Arguments[i] is null && !Parameter(i).EndsWith('?'))
                throw FunctionCall.Fail(call, "MissingArgument", $"{ParameterName(i)} must not be left empty. Expected {Signature}");
        }
    }

    private static char Number(string parameter) => parameter.TrimEnd('?')[^1];

    private int FirstRepeated => _parameters.Length - _repeating;

    private string Parameter(int index)
    {
        if (index < FirstRepeated)
            return _parameters[index];
        return _parameters[FirstRepeated + (index - FirstRepeated) % _repeating];
    }
}
