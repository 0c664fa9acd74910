using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Mapping.Schema;

/// <summary>Between the parsed tree of a synchronization schema (name, type, parameters by key) and an expression.</summary>
internal static class SourceTree
{
    public static AttributeMappingSource Write(ExpressionNode node, string? text = null)
    {
        var source = new AttributeMappingSource(new JsonObject()) { Expression = text ?? ExpressionPrinter.Print(node) };
        (source.Name, source.Type) = node switch
        {
            AttributeNode attribute => (attribute.Name, AttributeMappingSourceType.Attribute),
            ConstantNode { Value: string value } => (value, AttributeMappingSourceType.Constant),
            CallNode call => (call.Name, AttributeMappingSourceType.Function),
            ComparisonNode comparison => (ExpressionPrinter.Symbol(comparison.Operator), AttributeMappingSourceType.Function),
            _ => (source.Expression, AttributeMappingSourceType.Constant),
        };
        source.Json["parameters"] = new JsonArray();
        foreach ((string key, ExpressionNode argument) in Arguments(node))
            source.Parameters.Add(new AttributeMappingParameter(key, Write(argument)));
        return source;
    }

    public static ExpressionNode Read(AttributeMappingSource source)
    {
        string? text = source.Expression;
        if (source.Type == AttributeMappingSourceType.Constant && (text is null || !text.TrimStart().StartsWith('"')))
            return ReadBareConstant(text ?? source.Name ?? "");
        if (!string.IsNullOrWhiteSpace(text))
            return ExpressionParser.Parse(text);
        string name =
            source.Name
            ?? throw new MappingException(
                "MappingSchemaInvalid",
                "The source of an attribute mapping has neither an expression nor a name."
            );
        return source.Type == AttributeMappingSourceType.Attribute
            ? new AttributeNode(name, ExpressionNode.NoPosition)
            : ReadCall(name, source.Parameters);
    }

    /// <summary>A constant without quotes: a number or word of the language when that is how it is written, else the text itself (007 is
    /// not 7).</summary>
    private static ExpressionNode ReadBareConstant(string text)
    {
        try
        {
            ExpressionNode node = ExpressionParser.Parse(text);
            bool word = node is KeywordNode || (node is CallNode call && ExpressionFunctions.Find(call.Name) is { Bare: true });
            if ((word || node is ConstantNode) && ExpressionPrinter.Print(node) == text)
                return node;
        }
        catch (MappingException)
        {
            // Not of the language, so it is text.
        }

        return new ConstantNode(text, ExpressionNode.NoPosition);
    }

    private static ExpressionNode ReadCall(string name, SchemaList<AttributeMappingParameter> parameters)
    {
        ExpressionFunction? function = ExpressionFunctions.Find(name);
        var arguments = new List<ExpressionNode?>();
        foreach (AttributeMappingParameter parameter in parameters)
        {
            int index = function?.IndexOf(Alias(parameter.Key)) ?? -1;
            // Keys name the place of an argument; a repeated or unknown key takes the next one.
            if (index < 0 || (index < arguments.Count && arguments[index] is not null))
                index = arguments.Count;
            while (arguments.Count <= index)
                arguments.Add(null);
            arguments[index] = parameter.Value is { } value ? Read(value) : null;
        }

        ComparisonOperator? comparison = Enum.GetValues<ComparisonOperator>()
            .Cast<ComparisonOperator?>()
            .FirstOrDefault(operation => ExpressionPrinter.Symbol(operation!.Value) == name);
        if (comparison is { } found && arguments is [{ } left, { } right])
            return new ComparisonNode(found, left, right, ExpressionNode.NoPosition);
        while (function is not null && arguments.Count < function.MinArguments)
            arguments.Add(null);
        return new CallNode(name, [.. arguments], ExpressionNode.NoPosition);
    }

    private static IEnumerable<(string Key, ExpressionNode Argument)> Arguments(ExpressionNode node)
    {
        if (node is ComparisonNode comparison)
            return [("left", comparison.Left), ("right", comparison.Right)];
        if (node is not CallNode call)
            return [];
        ExpressionFunction? function = ExpressionFunctions.Find(call.Name);
        return call
            .Arguments.Select(
                (argument, i) =>
                    (
                        function is not null && i < function.MaxArguments
                            ? function.ParameterName(i)
                            : FormattableString.Invariant($"argument{i + 1}"),
                        argument
                    )
            )
            .Where(pair => pair.argument is not null)!;
    }

    // Graph's own example names Replace's parameters so.
    private static string Alias(string key) =>
        key switch
        {
            "Find" => "oldValue",
            "RegularExpression" => "regexPattern",
            "RegularExpressionGroupName" => "regexGroupName",
            "Replacement" => "replacementValue",
            "ReplacementPropertyName" => "replacementAttributeName",
            _ => key,
        };
}
