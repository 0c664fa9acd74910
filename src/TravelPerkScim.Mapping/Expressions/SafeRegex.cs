using System.Text.RegularExpressions;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Regular expressions of admins: they cannot hang a cycle. Linear-time matching where the pattern allows it, a time limit always.</summary>
internal static class SafeRegex
{
    /// <summary>Longest time one match may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(250);

    /// <exception cref="MappingException"><c>InvalidPattern</c>.</exception>
    public static Regex Create(string pattern)
    {
        if (pattern.Length > ExpressionParser.MaxLength)
            throw new MappingException("InvalidPattern", $"The regular expression has {pattern.Length} characters; the longest allowed has {ExpressionParser.MaxLength}.");
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Timeout);
        }
        catch (NotSupportedException)
        {
            // Lookarounds and backreferences need backtracking: the time limit is what bounds it.
            return new Regex(pattern, RegexOptions.CultureInvariant, Timeout);
        }
        catch (ArgumentException e)
        {
            throw new MappingException("InvalidPattern", $"The regular expression is not valid: {e.Message}", e);
        }
    }
}
