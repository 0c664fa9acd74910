using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Writes an expression in its canonical form, which parses to the same tree.</summary>
internal static class ExpressionPrinter
{
    public static string Print(ExpressionNode node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    private static void Write(ExpressionNode node, StringBuilder text)
    {
        switch (node)
        {
            case AttributeNode attribute:
                text.Append('[').Append(attribute.Name).Append(']');
                break;
            case ConstantNode { Value: string value }:
                text.Append('"')
                    .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))
                    .Append('"');
                break;
            case ConstantNode { Value: var number }:
                text.Append(CultureInfo.InvariantCulture, $"{number}");
                break;
            case KeywordNode keyword:
                text.Append(keyword.Name);
                break;
            case CallNode call:
                text.Append(call.Name);
                if (call.Arguments.IsEmpty && call.IsBare)
                    break;
                text.Append('(');
                WriteArguments(call.Arguments, text);
                text.Append(')');
                break;
            case ComparisonNode comparison:
                WriteOperand(comparison.Left, text);
                text.Append(' ').Append(comparison.Operator.Symbol()).Append(' ');
                WriteOperand(comparison.Right, text);
                break;
        }
    }

    private static void WriteArguments(ImmutableArray<ExpressionNode?> arguments, StringBuilder text)
    {
        // One empty argument would print as none: F() and F( ) are the same call, so it has none.
        for (int i = 0; i < arguments.Length; i++)
        {
            if (i > 0)
                text.Append(", ");
            if (arguments[i] is { } argument)
                Write(argument, text);
        }
    }

    private static void WriteOperand(ExpressionNode operand, StringBuilder text)
    {
        if (operand is not ComparisonNode)
        {
            Write(operand, text);
            return;
        }

        text.Append('(');
        Write(operand, text);
        text.Append(')');
    }
}
