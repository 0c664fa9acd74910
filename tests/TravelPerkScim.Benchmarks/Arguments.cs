using System.Globalization;

namespace TravelPerkScim.Benchmarks;

/// <summary>What follows the verb: <c>--name value</c>.</summary>
internal sealed class Arguments(string[] words)
{
    /// <summary>The number after <c>--name</c>, or <paramref name="otherwise"/>.</summary>
    /// <exception cref="ArgumentException">What follows is not a positive integer.</exception>
    public int Number(string name, int otherwise)
    {
        int at = Array.IndexOf(words, "--" + name);
        if (at < 0)
            return otherwise;
        return at + 1 < words.Length && int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0
            ? value
            : throw new ArgumentException($"--{name} takes a whole number above 0.");
    }
}
