using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Tests;

/// <summary>Seeded random trees, texts and values of the language.</summary>
internal sealed class RandomExpressions(int seed)
{
    private static readonly string[] s_texts =
    [
        "",
        "a",
        "Zoë",
        "\\",
        "\"",
        "\\\"",
        "(.*)+$",
        "${x}",
        "2024-05-31",
        "d",
        "3",
        "-07:00",
        "True",
        "ß\u0301",
        "\ud800",
        "😀",
        "[x]",
        ",",
        "M/d/yyyy",
        "\n\t ",
    ];
    private static readonly string[] s_attributes =
    [
        "a",
        "b",
        "phoneNumbers[type eq \"work\"].value",
        "businessPhones[0]",
        "extension_0_x",
        "ñ 1",
    ];
    private static readonly string[] s_pieces =
    [
        "(",
        ")",
        ",",
        "[",
        "]",
        "\"",
        "\\",
        "=",
        "<>",
        "&H",
        "&",
        "-",
        "9999999999999999999",
        "IIF(",
        "Replace(",
        "Switch(",
        "[a]",
        ".",
        "é",
        "\0",
        "vbTextCompare",
        "Not(Not(Not(",
        " ",
    ];

    private readonly Random _random = new(seed);

    public ExpressionNode Tree(int depth = 5)
    {
        int kind = _random.Next(depth > 0 ? 10 : 4);
        return kind switch
        {
            0 => new AttributeNode(Pick(s_attributes), 0),
            1 => new ConstantNode(Pick(s_texts), 0),
            2 => new ConstantNode(_random.Next(2) == 0 ? _random.NextInt64(long.MinValue, long.MaxValue) : (long)_random.Next(-9, 99), 0),
            3 => _random.Next(2) == 0
                ? new ConstantNode(new decimal(_random.Next(), _random.Next(), 0, _random.Next(2) == 0, (byte)_random.Next(1, 9)), 0)
                : new KeywordNode(Pick(["True", "False", "vbTextCompare"]), 0),
            4 => new ComparisonNode((ComparisonOperator)_random.Next(1, 7), Tree(depth - 1), Tree(depth - 1), 0),
            _ => Call(depth),
        };
    }

    /// <summary>A printed tree with some of its characters changed, cut, doubled or swapped for pieces of syntax.</summary>
    public string Mutated(string text)
    {
        var mutated = new StringBuilder(text);
        for (int i = _random.Next(1, 5); i > 0; i--)
        {
            int at = _random.Next(mutated.Length + 1);
            switch (_random.Next(4))
            {
                case 0:
                    mutated.Insert(at, Pick(s_pieces));
                    break;
                case 1 when at < mutated.Length:
                    mutated.Remove(at, _random.Next(1, Math.Min(8, mutated.Length - at) + 1));
                    break;
                case 2 when at < mutated.Length:
                    mutated[at] = (char)_random.Next(32, 127);
                    break;
                default:
                    mutated.Insert(at, mutated.ToString(0, Math.Min(at, 40)));
                    break;
            }
        }

        return mutated.ToString();
    }

    public object? Value() =>
        _random.Next(12) switch
        {
            0 => null,
            1 => _random.Next(2) == 0,
            2 => (long)_random.Next(-3, 12),
            3 => _random.Next(2) == 0 ? long.MaxValue : long.MinValue,
            4 => Pick([double.NaN, double.PositiveInfinity, 1.5, -1e300, 0.0]),
            5 => Pick([DateTimeOffset.MinValue, DateTimeOffset.MaxValue, new DateTimeOffset(2024, 2, 29, 1, 0, 0, TimeSpan.FromHours(14))]),
            6 => new SourceReference("77aa"),
            7 => Enumerable.Range(0, _random.Next(4)).Select(_ => (object?)Pick(s_texts)).ToArray(),
            8 => new object?[] { null, 1L, new[] { "nested" } },
            9 => new string('a', 3000),
            _ => Pick(s_texts),
        };

    private CallNode Call(int depth)
    {
        ExpressionFunction function = ExpressionFunctions.All[_random.Next(ExpressionFunctions.All.Count)];
        int count =
            _random.Next(8) == 0
                ? _random.Next(9)
                : function.MinArguments + _random.Next(1 + Math.Min(2, function.MaxArguments - function.MinArguments));
        ExpressionNode?[] arguments = [.. Enumerable.Range(0, count).Select(_ => _random.Next(12) == 0 ? null : Tree(depth - 1))];
        // F( ) has no argument rather than an empty one.
        return new CallNode(function.Name, arguments is [null] ? [] : [.. arguments], 0);
    }

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];

    /// <summary>A tree as text that shows its structure and nothing of its spelling.</summary>
    public static string Shape(ExpressionNode? node) =>
        node switch
        {
            null => "_",
            AttributeNode attribute => $"A<{attribute.Name}>",
            ConstantNode constant => string.Create(CultureInfo.InvariantCulture, $"{constant.Value.GetType().Name}<{constant.Value}>"),
            KeywordNode keyword => $"K<{keyword.Name}>",
            ComparisonNode comparison => $"({Shape(comparison.Left)} {comparison.Operator} {Shape(comparison.Right)})",
            CallNode call => $"{call.Name}{{{string.Join('|', call.Arguments.Select(Shape))}}}",
            _ => throw new ArgumentOutOfRangeException(nameof(node)),
        };
}
