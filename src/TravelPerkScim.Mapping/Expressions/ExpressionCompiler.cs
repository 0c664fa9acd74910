using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Computes a value of the language for one source object.</summary>
internal delegate object? Evaluator(SourceObject source);

/// <summary>A compiled operand. <paramref name="IsConstant"/>: it is a literal, so that checks and preparation can happen when
/// compiling.</summary>
internal sealed record Operand(ExpressionNode Node, Evaluator Evaluate, bool IsConstant = false, object? Constant = null);

/// <summary>Turns a tree into closures over the slots of one layout.</summary>
internal sealed class ExpressionCompiler(SourceLayout layout, TimeProvider timeProvider, Func<int, int>? random = null)
{
    public SourceLayout Layout { get; } = layout;

    public TimeProvider TimeProvider { get; } = timeProvider;

    /// <summary>Told every value that a part of the expression gives, inner parts first; for explaining, never for a cycle.</summary>
    public Action<ExpressionNode, object?>? Trace { get; init; }

    /// <summary>A random integer from 0 to below its argument.</summary>
    public Func<int, int> Random { get; } = random ?? System.Security.Cryptography.RandomNumberGenerator.GetInt32;

    /// <exception cref="MappingException">A function is unknown or misused.</exception>
    public Operand Compile(ExpressionNode root)
    {
        CallNode? misplaced = root
            .Descendants.Skip(1)
            .OfType<CallNode>()
            .FirstOrDefault(call => ExpressionFunctions.Find(call.Name) is { TopLevelOnly: true });
        return misplaced is null
            ? CompileTraced(root)
            : throw FunctionCall.Fail(misplaced, "NotAtTopLevel", "it must be the outermost function");
    }

    private Operand CompileTraced(ExpressionNode node)
    {
        Operand operand = CompileNode(node);
        if (Trace is null || operand.IsConstant)
            return operand;
        return operand with
        {
            Evaluate = source =>
            {
                object? value = operand.Evaluate(source);
                Trace(node, value);
                return value;
            },
        };
    }

    private Operand CompileNode(ExpressionNode node)
    {
        switch (node)
        {
            case AttributeNode attribute:
                int slot = SlotOf(attribute);
                return new Operand(node, source => source.Values[slot]);
            case ConstantNode constant:
                return Constant(node, constant.Value is decimal number ? (double)number : constant.Value);
            case KeywordNode keyword:
                return Constant(node, bool.TryParse(keyword.Name, out bool truth) ? Values.Of(truth) : keyword.Name);
            case ComparisonNode comparison:
                Evaluator left = CompileTraced(comparison.Left).Evaluate,
                    right = CompileTraced(comparison.Right).Evaluate;
                ComparisonOperator operation = comparison.Operator;
                return new Operand(node, source => Values.Of(Values.Compare(left(source), operation, right(source))));
            default:
                return CompileCall((CallNode)node);
        }
    }

    public int SlotOf(AttributeNode attribute) =>
        Layout.SlotOf(attribute.Name) is var slot and >= 0
            ? slot
            : throw new MappingException(
                "UnknownSourceAttribute",
                $"The source has no attribute '{attribute.Name}'.{NearestName.Offer(attribute.Name, Layout.Names)}"
            )
            {
                Column = FunctionCall.ColumnOf(attribute),
            };

    private static Operand Constant(ExpressionNode node, object value) => new(node, _ => value, IsConstant: true, value);

    private Operand CompileCall(CallNode node)
    {
        ExpressionFunction function =
            ExpressionFunctions.Find(node.Name) ?? throw FunctionCall.Fail(node, "UnknownFunction", Unknown(node.Name));
        function.CheckArguments(node);
        Operand?[] arguments = [.. node.Arguments.Select(argument => argument is null ? null : CompileTraced(argument))];
        return new Operand(node, function.Bind(new FunctionCall(node, function, arguments, this)));
    }

    private static string Unknown(string name)
    {
        string? near = NearestName.Of(name, ExpressionFunctions.All.Select(function => function.Name));
        if (near is null)
            return "there is no such function. about_TravelPerkScim_Expressions lists them";
        bool hasOtherCase = string.Equals(near, name, StringComparison.OrdinalIgnoreCase);
        return hasOtherCase
            ? $"there is no such function. Names are case-sensitive: write {near}"
            : $"there is no such function. The nearest name is '{near}'";
    }
}
