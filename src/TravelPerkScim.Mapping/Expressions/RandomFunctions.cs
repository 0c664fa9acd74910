using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Functions that give random values, and the choice among generated values.</summary>
internal static class RandomFunctions
{
    private const int MaxLength = 256;
    private const string Digits = "0123456789";
    private const string Capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";

    // Windows' "Password must meet complexity requirements".
    private const string Special = "'-!\"#$%&()*,./:;?@[]^_`{|}~+<=>";

    public static ExpressionFunction[] All { get; } =
    [
        new("Guid()", "A random GUID.", call => _ => NewGuid(call.Compiler.Random)) { Volatile = true },
        new(
            "RandomString(length, minimumNumbers, minimumSpecialCharacters, minimumCapital, minimumLowerCase, charactersToAvoid?)",
            "Random characters, at least so many of each kind; special ones only when asked for.",
            RandomString
        )
        {
            Volatile = true,
        },
        new(
            "SelectUniqueValue(rule1, rule2, rule3?, ...)",
            "The first rule's value that is not empty. Only the target knows whether a value is taken.",
            SelectUniqueValue
        )
        {
            TopLevelOnly = true,
        },
    ];

    private static string NewGuid(Func<int, int> random)
    {
        byte[] bytes = new byte[16];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)random(256);
        bytes[7] = (byte)((bytes[7] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes).ToString();
    }

    private static Evaluator RandomString(FunctionCall call)
    {
        Func<SourceObject, long?>[] numbers = [.. Enumerable.Range(0, 5).Select(call.Integer)];
        Func<SourceObject, string> avoid = call.TextOrEmpty(5);
        return source =>
        {
            long[] counts = [.. numbers.Select((number, i) => CountOf(call, i, number(source)))];
            if (counts[1..].Sum() > counts[0])
                throw call.Wrong(0, "must be at least the sum of the minimums", counts[0], "WrongArgumentValue");
            return RandomString(call, counts, avoid(source));
        };
    }

    private static long CountOf(FunctionCall call, int index, long? given) =>
        given is { } count and >= 0 and <= MaxLength
            ? count
            : throw call.Wrong(index, $"must be 0 to {MaxLength}", null, "WrongArgumentValue");

    /// <param name="call">The call, for errors and randomness.</param>
    /// <param name="counts">The length, then the least number of each kind of character.</param>
    /// <param name="avoided">Characters that are left out.</param>
    private static string RandomString(FunctionCall call, long[] counts, string avoided)
    {
        string[] kinds = [.. new[] { Digits, Special, Capitals, Lower }.Select(Allowed)];
        string any = kinds[0] + (counts[2] > 0 ? kinds[1] : "") + kinds[2] + kinds[3];
        char[] result = new char[counts[0]];
        int at = 0;
        for (int kind = 0; kind < kinds.Length; kind++)
        {
            for (long i = 0; i < counts[kind + 1]; i++)
                result[at++] = Draw(kinds[kind]);
        }
        while (at < result.Length)
            result[at++] = Draw(any);
        Shuffle(result, call.Compiler.Random);
        return new string(result);

        string Allowed(string kind) => string.Concat(kind.Where(c => !avoided.Contains(c, StringComparison.Ordinal)));

        char Draw(string from) =>
            from.Length > 0
                ? from[call.Compiler.Random(from.Length)]
                : throw call.Wrong(5, "leaves no character to draw", avoided, "WrongArgumentValue");
    }

    private static void Shuffle(char[] characters, Func<int, int> random)
    {
        for (int i = characters.Length - 1; i > 0; i--)
        {
            int j = random(i + 1);
            (characters[i], characters[j]) = (characters[j], characters[i]);
        }
    }

    private static Evaluator SelectUniqueValue(FunctionCall call)
    {
        Evaluator[] rules = [.. Enumerable.Range(0, call.Count).Select(call.Any)];
        return source =>
        {
            foreach (Evaluator rule in rules)
            {
                if (rule(source) is var found && !Values.IsNullOrEmpty(found))
                    return found;
            }

            return null;
        };
    }
}
