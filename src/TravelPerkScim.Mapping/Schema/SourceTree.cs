using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Mapping.Schema;

/// <summary>Between the parsed tree of a synchronization schema (name, type, parameters by key) and an expression.</summary>
internal static class SourceTree
{
    /// <summary>Graph's own example names Replace's parameters so.</summary>
    private static readonly Dictionary<string, string> s_aliases = new(StringComparer.Ordinal)
    {
        ["Find"] = "oldValue",
        ["RegularExpression"] = "regexPattern",
        ["RegularExpressionGroupName"] = "regexGroupName",
        ["Replacement"] = "replacementValue",
        ["ReplacementPropertyName"] = "replacementAttributeName",
    };

    public static AttributeMappingSource Write(ExpressionNode node, string? text = null)
    {
        var source = new AttributeMappingSource(new JsonObject()) { Expression = text ?? ExpressionPrinter.Print(node) };
        (source.Name, source.Type) = node switch
        {
            AttributeNode attribute => (attribute.Name, AttributeMappingSourceType.Attribute),
            ConstantNode { Value: string value } => (value, AttributeMappingSourceType.Constant),
            CallNode call => (call.Name, AttributeMappingSourceType.Function),
            ComparisonNode comparison => (comparison.Operator.Symbol(), AttributeMappingSourceType.Function),
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
        bool isQuoted = text?.TrimStart().StartsWith('"') is true;
        if (source.Type == AttributeMappingSourceType.Constant && !isQuoted)
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
            bool stands = node is KeywordNode or ConstantNode or CallNode { IsBare: true };
            if (stands && ExpressionPrinter.Print(node) == text)
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
            int index = function?.IndexOf(s_aliases.GetValueOrDefault(parameter.Key, parameter.Key)) ?? -1;
            // Keys name the place of an argument; a repeated or unknown key takes the next one.
            if (index < 0 || arguments.ElementAtOrDefault(index) is not null)
                index = arguments.Count;
            Pad(arguments, index + 1);
            arguments[index] = parameter.Value is { } value ? Read(value) : null;
        }

        if (ComparisonSymbols.TryRead(name, out ComparisonOperator comparison) && arguments is [{ } left, { } right])
            return new ComparisonNode(comparison, left, right, ExpressionNode.NoPosition);
        Pad(arguments, function?.MinArguments ?? 0);
        return new CallNode(name, [.. arguments], ExpressionNode.NoPosition);
    }

    private static void Pad(List<ExpressionNode?> arguments, int count)
    {
        while (arguments.Count < count)
            arguments.Add(null);
    }

    private static IEnumerable<(string Key, ExpressionNode Argument)> Arguments(ExpressionNode node)
    {
        if (node is ComparisonNode comparison)
            return [("left", comparison.Left), ("right", comparison.Right)];
        if (node is not CallNode call)
            return [];
        ExpressionFunction? function = ExpressionFunctions.Find(call.Name);
        return call.Arguments.Select((argument, i) => (NameOf(function, i), argument)).Where(pair => pair.argument is not null)!;
    }

    private static string NameOf(ExpressionFunction? function, int index) =>
        index < function?.MaxArguments ? function.ParameterName(index) : FormattableString.Invariant($"argument{index + 1}");
}
