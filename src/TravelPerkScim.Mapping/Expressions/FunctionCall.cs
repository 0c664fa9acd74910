using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>One call as its function binds to it: the compiled arguments, read as the types the function wants, and errors that say which
/// argument was wrong.</summary>
internal sealed class FunctionCall(CallNode node, ExpressionFunction function, Operand?[] arguments, ExpressionCompiler compiler)
{
    private static readonly Evaluator s_null = _ => null;

    private static readonly Dictionary<Type, string> s_kinds = new()
    {
        [typeof(string)] = "other text",
        [typeof(bool)] = "a Boolean",
        [typeof(long)] = "another number",
        [typeof(double)] = "another number",
        [typeof(SourceReference)] = "a reference",
        [typeof(DateTimeOffset)] = "a date",
    };

    public int Count => arguments.Length;

    public ExpressionCompiler Compiler => compiler;

    /// <summary>True when an argument is given: neither left out nor left empty.</summary>
    public bool Has(int index) => Argument(index) is not null;

    /// <summary>True when each of the arguments is given.</summary>
    public bool Has(params ReadOnlySpan<int> indexes)
    {
        foreach (int index in indexes)
        {
            if (!Has(index))
                return false;
        }
        return true;
    }

    /// <summary>The argument's value when it is a literal.</summary>
    public bool TryConstant(int index, out object? value)
    {
        Operand? operand = Argument(index);
        value = operand?.Constant;
        return operand is { IsConstant: true };
    }

    /// <summary>True when the argument is the same for every object: a literal, or not given.</summary>
    public bool IsFixed(int index) => !Has(index) || TryConstant(index, out _);

    /// <summary>What an argument's text means, such as a culture. The meaning of a fixed argument is found once.</summary>
    public Func<SourceObject, T> Meaning<T>(int index, Func<string?, T> read)
    {
        Func<SourceObject, string?> text = Text(index);
        if (!IsFixed(index))
            return source => read(text(source));
        T meaning = read(text(null!));
        return _ => meaning;
    }

    /// <summary>Name of the function whose call the argument is, or null.</summary>
    public string? FunctionOf(int index) => (Argument(index)?.Node as CallNode)?.Name;

    /// <summary>1-based column of the call, or null.</summary>
    public int? Column => ColumnOf(node);

    /// <summary>The argument as it is; null when it is not given.</summary>
    public Evaluator Any(int index) => Argument(index)?.Evaluate ?? s_null;

    /// <summary>The argument as text; null stays null.</summary>
    public Func<SourceObject, string?> Text(int index)
    {
        if (TryConstant(index, out object? constant))
        {
            string? text = TextOf(index, constant);
            return _ => text;
        }

        Evaluator value = Any(index);
        return source =>
        {
            object? found = value(source);
            return found as string ?? TextOf(index, found);
        };
    }

    /// <summary>What a function makes of the argument's text; null in is null out.</summary>
    public Evaluator OfText(int index, Func<string, SourceObject, object?> compute)
    {
        Func<SourceObject, string?> text = Text(index);
        return source => text(source) is { } found ? compute(found, source) : null;
    }

    /// <summary>The argument as text; null is empty.</summary>
    public Func<SourceObject, string> TextOrEmpty(int index) => Meaning(index, text => text ?? "");

    /// <summary>The argument as an integer; null stays null.</summary>
    public Func<SourceObject, long?> Integer(int index) => Typed(index, IntegerOf);

    /// <summary>The argument as a moment; null and "" are null.</summary>
    public Func<SourceObject, DateTimeOffset?> Date(int index) => Typed(index, DateOf);

    /// <summary>The argument as a list: nothing for null, one value for a single one.</summary>
    public Func<SourceObject, IReadOnlyList<object?>> List(int index)
    {
        Evaluator value = Any(index);
        return source =>
            value(source) switch
            {
                null or IgnoredFlow => [],
                IReadOnlyList<object?> list => list,
                var single => [single],
            };
    }

    /// <summary>The argument as true or false; null is false.</summary>
    public Func<SourceObject, bool> Truth(int index)
    {
        Evaluator value = Any(index);
        return source => TruthOf(index, value(source));
    }

    /// <summary>A value of an argument as text; null stays null.</summary>
    public string? TextOf(int index, object? value) =>
        Values.TryText(value, out string? text)
            ? text
            : throw Wrong(index, "must be a single value; use Item, Join or Count for a multi-valued attribute", value);

    /// <summary>A value of an argument as a moment; null and "" are null.</summary>
    public DateTimeOffset? DateOf(int index, object? value)
    {
        if (value is DateTimeOffset known)
            return known;
        if (HasNoValue(value))
            return null;
        if (DateText.TryRead(value, out DateTimeOffset read))
            return read;
        throw Wrong(index, "must be a date such as 2024-05-31T08:00:00Z", value);
    }

    /// <summary>Slots of the source attributes that an argument reads anywhere in it.</summary>
    public int[] SlotsIn(int index) => [.. arguments[index]!.Node.Descendants.OfType<AttributeNode>().Select(compiler.SlotOf).Distinct()];

    /// <summary>A result's text, refused when it has grown beyond what an attribute could hold.</summary>
    public string Bounded(string text) => text.Length <= Values.MaxText ? text : throw TooLarge();

    public MappingException TooLarge() => Fail("ResultTooLarge", $"the result would be longer than {Values.MaxText} characters");

    /// <summary>An argument of the wrong type or value. The value itself is quoted only when it stands in the expression: a source's values
    /// are personal.</summary>
    public MappingException Wrong(int index, string rule, object? value, string errorId = "WrongArgumentType")
    {
        string found = TryConstant(index, out _) && Values.TryText(value, out string? text) ? $"'{text}'" : Describe(value);
        ExpressionNode place = Argument(index)?.Node ?? node;
        return Fail(place, node.Name, errorId, $"{function.ParameterName(index)} {rule}, but is {found}");
    }

    public MappingException Fail(string errorId, string message, MappingFailure failure = MappingFailure.Other) =>
        Fail(node, node.Name, errorId, message, failure);

    public static MappingException Fail(CallNode call, string errorId, string message) => Fail(call, call.Name, errorId, message);

    public static int? ColumnOf(ExpressionNode node) => node.Position < 0 ? null : node.Position + 1;

    private static MappingException Fail(
        ExpressionNode place,
        string name,
        string errorId,
        string message,
        MappingFailure failure = MappingFailure.Other
    )
    {
        string where = ColumnOf(place) is { } column ? $" (column {column})" : "";
        return new MappingException(errorId, $"{name}: {message}{where}.") { Column = ColumnOf(place), Failure = failure };
    }

    private Operand? Argument(int index) => index < arguments.Length ? arguments[index] : null;

    /// <summary>The value of a literal is read once.</summary>
    private Func<SourceObject, T> Typed<T>(int index, Func<int, object?, T> read)
    {
        if (TryConstant(index, out object? constant))
        {
            T known = read(index, constant);
            return _ => known;
        }

        Evaluator value = Any(index);
        return source => read(index, value(source));
    }

    private long? IntegerOf(int index, object? value)
    {
        if (HasNoValue(value))
            return null;
        if (Values.TryInteger(value, out long number))
            return number;
        throw Wrong(index, "must be an integer", value);
    }

    private bool TruthOf(int index, object? value)
    {
        if (HasNoValue(value))
            return false;
        if (Values.TryBoolean(value, out bool truth))
            return truth;
        throw Wrong(index, "must be True or False, or a number", value);
    }

    private static bool HasNoValue(object? value) => value is null or IgnoredFlow or "";

    private static string Describe(object? value)
    {
        if (value is null)
            return "missing";
        if (value is IReadOnlyList<object?> list)
            return $"a list of {list.Count} values";
        return s_kinds.GetValueOrDefault(value.GetType(), "something else");
    }
}
