using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>
/// Counts the readable and the unreadable answers about single users. An unreadable answer about one user is a problem of that entry, and
/// the other entries go on. When no answer about any user is readable, the fault is the service's and ends the plan.
/// </summary>
internal sealed class AnswerTally
{
    /// <summary>So many unreadable answers without a readable one are a fault of the service and not of the entries.</summary>
    private const int TooManyUnreadable = 8;

    private int _read;
    private int _unreadable;

    /// <summary>Runs one query about an entry, and notes an unreadable answer as the entry's problem.</summary>
    /// <exception cref="ScimException">one that <see cref="ScimException.IsUnreadable"/> when no answer could be read; every other failure
    /// of the query.</exception>
    public async Task CountAsync(DesiredUser entry, Func<Task> ask)
    {
        try
        {
            await ask().ConfigureAwait(false);
            Interlocked.Increment(ref _read);
        }
        catch (ScimException e) when (e.IsUnreadable && !IsTheService())
        {
            entry.Problem = MatchProblem.Unanswered(e);
        }
    }

    private bool IsTheService() => Interlocked.Increment(ref _unreadable) >= TooManyUnreadable && Volatile.Read(ref _read) == 0;
}
