using System.Globalization;

namespace TravelPerkScim.Benchmarks;

/// <summary>What follows the verb: <c>--name value</c>.</summary>
/// <param name="words">The words.</param>
/// <param name="all">Everything is measured: <c>--users</c> is for the largest measurement, and the others scale along.</param>
internal sealed class Arguments(string[] words, bool all = false)
{
    private const int Largest = 100_000;

    /// <summary>How many users to measure with.</summary>
    /// <param name="usual">When the command line does not say.</param>
    /// <param name="inAll">The same when everything is measured.</param>
    public int Users(int usual, int inAll) => Number("users", all ? inAll : usual);

    /// <summary>The number after <c>--name</c>, or <paramref name="otherwise"/>.</summary>
    /// <exception cref="ArgumentException">What follows is not a positive integer.</exception>
    public int Number(string name, int otherwise) =>
        all && name == "users" ? (int)Math.Max(1, otherwise * (long)Given(name, Largest) / Largest) : Given(name, otherwise);

    /// <summary>The text after <c>--name</c>; null without it.</summary>
    /// <exception cref="ArgumentException">Nothing follows.</exception>
    public string? Text(string name)
    {
        int at = Array.IndexOf(words, "--" + name);
        if (at < 0)
            return null;
        return at + 1 < words.Length ? words[at + 1] : throw new ArgumentException($"--{name} takes a value.");
    }

    /// <summary>The words, without <c>--name</c> and its value.</summary>
    public IEnumerable<string> Without(string name)
    {
        int at = Array.IndexOf(words, "--" + name);
        return at < 0 ? words : [.. words.Take(at), .. words.Skip(at + 2)];
    }

    private int Given(string name, int otherwise)
    {
        int at = Array.IndexOf(words, "--" + name);
        if (at < 0)
            return otherwise;
        return
            at + 1 < words.Length
            && int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            && value > 0
            ? value
            : throw new ArgumentException($"--{name} takes a whole number above 0.");
    }
}
