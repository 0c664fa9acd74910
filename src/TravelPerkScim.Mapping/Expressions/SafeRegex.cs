using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>A regular expression of an admin: it cannot hang a cycle. Linear-time matching where the pattern allows it, a time limit
/// always, and after too many of those no further try.</summary>
internal sealed class SafeRegex
{
    private const int MaxTimeouts = 5;

    // Generous: the first match on a busy machine compiles the engine, and must not be taken for a bad pattern.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);

    private readonly Regex _regex;
    private int _timeouts;

    private SafeRegex(Regex regex) => _regex = regex;

    /// <exception cref="MappingException"><c>InvalidPattern</c>.</exception>
    public static SafeRegex Create(string pattern, TimeSpan? timeout = null)
    {
        TimeSpan limit = timeout ?? s_timeout;
        if (pattern.Length > ExpressionParser.MaxLength)
        {
            throw new MappingException(
                "InvalidPattern",
                $"The regular expression has {pattern.Length} characters; the longest allowed has {ExpressionParser.MaxLength}."
            )
            {
                Failure = MappingFailure.PatternUnusable,
            };
        }
        try
        {
            return new SafeRegex(new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, limit));
        }
        catch (NotSupportedException)
        {
            // Lookarounds and backreferences need backtracking: the time limit is what bounds it.
            return new SafeRegex(new Regex(pattern, RegexOptions.CultureInvariant, limit));
        }
        catch (Exception e) when (e is ArgumentException or InsufficientExecutionStackException)
        {
            throw new MappingException("InvalidPattern", $"The regular expression is not valid: {e.Message}", e)
            {
                Failure = MappingFailure.PatternUnusable,
            };
        }
    }

    public bool HasGroup(string name) => _regex.GetGroupNames().Contains(name, StringComparer.Ordinal);

    /// <exception cref="MappingException"><c>PatternTimeout</c>.</exception>
    public bool IsMatch(string text) => FirstMatch(text).Success;

    /// <exception cref="MappingException"><c>PatternTimeout</c>.</exception>
    public Match FirstMatch(string text)
    {
        if (_timeouts >= MaxTimeouts)
            throw TimedOut();
        try
        {
            return _regex.Match(text);
        }
        catch (RegexMatchTimeoutException)
        {
            throw TimedOut();
        }
    }

    /// <summary>The matches in a text; the time limit is on all of them together.</summary>
    /// <exception cref="MappingException"><c>PatternTimeout</c>.</exception>
    public IEnumerable<Match> Matches(string text)
    {
        long started = Stopwatch.GetTimestamp();
        for (Match match = FirstMatch(text); match.Success; match = Next(match))
        {
            yield return match;
            if (Stopwatch.GetElapsedTime(started) > _regex.MatchTimeout)
                throw TimedOut();
        }
    }

    private Match Next(Match match)
    {
        try
        {
            return match.NextMatch();
        }
        catch (RegexMatchTimeoutException)
        {
            throw TimedOut();
        }
    }

    private MappingException TimedOut()
    {
        Interlocked.Increment(ref _timeouts);
        string seconds = _regex.MatchTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return new MappingException("PatternTimeout", $"The regular expression takes longer than {seconds} s. Simplify it.")
        {
            Failure = MappingFailure.PatternUnusable,
        };
    }
}
