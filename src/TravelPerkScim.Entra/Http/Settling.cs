using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Http;

/// <summary>
/// Waits until a change has reached every copy of the directory that is likely to be asked: Graph's copies answer for themselves, so that
/// one of them may not know
/// yet what another has just made. Several good answers in a row are taken for all ("Configure SAML-based single sign-on by using the
/// Microsoft Graph API" polls so).
/// </summary>
internal sealed class Settling(TimeProvider time, IProgress<string>? progress)
{
    /// <summary>Good answers in a row that count as settled.</summary>
    public const int GoodInARow = 3;

    /// <summary>After that long the change is given up on; it may still come.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>A 403 to what was made a moment ago passes within that time; a permission that is missing does not.</summary>
    public static readonly TimeSpan ForbiddenLimit = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    /// <param name="what">What is waited for, as a subject: <c>the application 'TravelPerk'</c>. Told as progress, and in the
    /// error.</param>
    /// <param name="look">Looks once; null, and not found, while it is not there.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>: it did not come within ten minutes.</exception>
    public async Task<T> UntilAsync<T>(string what, Func<CancellationToken, Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        DateTimeOffset end = time.GetUtcNow() + Limit;
        TimeSpan pause = s_firstPause;
        for (int good = 0; ; )
        {
            T? found = await TryAsync(look, cancellationToken).ConfigureAwait(false);
            good = found is null ? 0 : good + 1;
            if (good == GoodInARow)
                return found!;
            if (time.GetUtcNow() >= end)
                throw new SourceException(
                    "EntraNotSettled",
                    $"Microsoft Graph did not show {what} within {Limit.TotalMinutes:0} minutes. "
                        + $"Run the command again: it goes on from what is there."
                );
            progress?.Report($"Waiting until Microsoft Graph shows {what}.");
            await Task.Delay(good > 0 ? s_firstPause : pause, time, cancellationToken).ConfigureAwait(false);
            pause =
                found is not null ? pause
                : pause * 2 < s_longestPause ? pause * 2
                : s_longestPause;
        }
    }

    /// <summary>Looks several times before "not there" is taken for an answer: a copy of the directory may not know yet what was made a
    /// moment ago.</summary>
    /// <param name="what">What is looked for, as a subject. Told as progress.</param>
    /// <param name="looks">How often at most; the pauses between are a second, and from the third on twice as long each time, up to
    /// ten.</param>
    /// <param name="look">Looks once; null, and not found, while it is not there.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>What was found; null when no look found it.</returns>
    public async Task<T?> LookAsync<T>(string what, int looks, Func<CancellationToken, Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        TimeSpan pause = s_firstPause;
        for (int done = 1; ; done++)
        {
            if (await TryAsync(look, cancellationToken).ConfigureAwait(false) is { } found)
                return found;
            if (done >= looks)
                return null;
            progress?.Report($"Looking whether Microsoft Graph has {what} already.");
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            if (done >= GoodInARow - 1)
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    /// <summary>Sends a request that Graph refuses until it knows what the request names: 404, 409 and, for a minute, 403.</summary>
    /// <param name="what">What Graph does not know yet.</param>
    /// <param name="send">Sends once; must be fit to be sent again.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException">Another failure, or the last one.</exception>
    public async Task<T> RetryAsync<T>(string what, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        DateTimeOffset began = time.GetUtcNow();
        for (TimeSpan pause = s_firstPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            try
            {
                return await send(cancellationToken).ConfigureAwait(false);
            }
            catch (SourceException e) when (time.GetUtcNow() - began < LimitOf(e))
            {
                progress?.Report($"Waiting until Microsoft Graph knows {what}.");
            }
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static TimeSpan LimitOf(SourceException failure) =>
        failure.ErrorId switch
        {
            GraphFailure.ObjectNotFound or GraphFailure.Conflict => Limit,
            GraphFailure.PermissionMissing => ForbiddenLimit,
            _ => TimeSpan.Zero,
        };

    private static async Task<T?> TryAsync<T>(Func<CancellationToken, Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await look(cancellationToken).ConfigureAwait(false);
        }
        catch (SourceException e) when (e.ErrorId == GraphFailure.ObjectNotFound)
        {
            return null;
        }
    }
}
