using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Http;

/// <summary>
/// Waits until a change has reached every copy of the directory. Each copy answers by what it holds, so a copy may not have an object yet
/// that another copy has just made. Several good answers in a row count as an answer of all copies ("Configure SAML-based single sign-on by
/// using the Microsoft Graph API" polls so).
/// </summary>
internal sealed class Settling(TimeProvider time, IProgress<string>? progress)
{
    /// <summary>Good answers in a row that count as an answer of all copies.</summary>
    public const int GoodInARow = 3;

    /// <summary>How long a change is waited for. It may still come later.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>How long a 403 may be about an object that was made a moment ago. A 403 that lasts longer is about a permission.</summary>
    public static readonly TimeSpan ForbiddenLimit = TimeSpan.FromMinutes(1);

    // How long a failure may be about an object that a copy does not have yet. Every other failure counts at once.
    private static readonly Dictionary<SourceFailure, TimeSpan> s_limits = new()
    {
        [SourceFailure.NotFound] = Limit,
        [SourceFailure.Conflict] = Limit,
        [SourceFailure.PermissionMissing] = ForbiddenLimit,
    };

    private const int LooksAfterLostAnswer = 9;
    private const int Attempts = 3;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    /// <summary>Waits until several looks in a row find the object.</summary>
    /// <param name="what">The object that is waited for: <c>the application 'TravelPerk'</c>. Progress and error name it.</param>
    /// <param name="look">Looks once. Null, or a 404, while the object is not there.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>: the object did not come within ten minutes.</exception>
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
            {
                throw new SourceException(
                    "EntraNotSettled",
                    $"Microsoft Graph did not show {what} within {Limit.TotalMinutes:0} minutes. "
                        + $"Run the command again: it goes on from what is there."
                );
            }
            progress?.Report($"Waiting until Microsoft Graph shows {what}.");
            await Task.Delay(good > 0 ? s_firstPause : pause, time, cancellationToken).ConfigureAwait(false);
            if (found is null)
                pause = Longer(pause);
        }
    }

    /// <summary>Looks several times for an object. A copy of the directory may not have an object yet that was made a moment ago, so a
    /// single "not there" is no answer.</summary>
    /// <param name="what">The object. Progress names it.</param>
    /// <param name="looks">How often at most. The pauses are a second, and from the third on twice as long each time, up to ten.</param>
    /// <param name="look">Looks once. Null, or a 404, while the object is not there.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>The object; null when no look found it.</returns>
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
                pause = Longer(pause);
        }
    }

    /// <summary>Makes an object, and makes it once: it is looked for before, and again when the answer is lost.</summary>
    /// <param name="what">The object. Progress names it.</param>
    /// <param name="look">Looks once. Null, or a 404, while the object is not there.</param>
    /// <param name="make">Makes the object. It is not repeated by itself.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException">Graph refused it, or each answer was lost and no look found the object.</exception>
    public async Task<T> MakeOnceAsync<T>(
        string what,
        Func<CancellationToken, Task<T?>> look,
        Func<CancellationToken, Task<T>> make,
        CancellationToken cancellationToken
    )
        where T : class
    {
        T? made = await LookAsync(what, GoodInARow, look, cancellationToken).ConfigureAwait(false);
        for (int attempt = 1; made is null; attempt++)
        {
            try
            {
                made = await make(cancellationToken).ConfigureAwait(false);
            }
            catch (SourceException e) when (e.Failure == SourceFailure.NoAnswer)
            {
                made = await LookAsync(what, LooksAfterLostAnswer, look, cancellationToken).ConfigureAwait(false);
                if (made is null && attempt == Attempts)
                    throw;
            }
        }
        return made;
    }

    /// <summary>
    /// Reads a list until several answers in a row are the same. A change replaces the whole list, and a list from a copy that is behind
    /// would remove an item that was added a moment ago.
    /// </summary>
    /// <param name="what">The list. Progress and error name it.</param>
    /// <param name="read">Reads the list.</param>
    /// <param name="areSame">Whether two answers are the same.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>.</exception>
    public Task<T> AgreedAsync<T>(
        string what,
        Func<CancellationToken, Task<T>> read,
        Func<T, T, bool> areSame,
        CancellationToken cancellationToken
    )
        where T : class
    {
        T? before = null;
        return UntilAsync(
            what,
            async token =>
            {
                T now = await read(token).ConfigureAwait(false);
                bool isSame = before is null || areSame(now, before);
                before = now;
                return isSame ? now : null;
            },
            cancellationToken
        );
    }

    /// <summary>Sends a change that Graph refuses while it does not know the object: 404, 409 and, for a minute, 403.</summary>
    /// <inheritdoc cref="RetryAsync{T}"/>
    public Task RetryAsync(string what, Func<CancellationToken, Task> send, CancellationToken cancellationToken) =>
        RetryAsync<object?>(
            what,
            async token =>
            {
                await send(token).ConfigureAwait(false);
                return null;
            },
            cancellationToken
        );

    /// <summary>Sends a request that Graph refuses while it does not know the object: 404, 409 and, for a minute, 403.</summary>
    /// <param name="what">The object that Graph does not know yet.</param>
    /// <param name="send">Sends once. It must be fit to be sent again.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException">Another failure, or the last one.</exception>
    public async Task<T> RetryAsync<T>(string what, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        DateTimeOffset began = time.GetUtcNow();
        for (TimeSpan pause = s_firstPause; ; pause = Longer(pause))
        {
            try
            {
                return await send(cancellationToken).ConfigureAwait(false);
            }
            catch (SourceException e) when (time.GetUtcNow() - began < s_limits.GetValueOrDefault(e.Failure))
            {
                progress?.Report($"Waiting until Microsoft Graph knows {what}.");
            }
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < s_longestPause ? pause * 2 : s_longestPause;

    private static async Task<T?> TryAsync<T>(Func<CancellationToken, Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await look(cancellationToken).ConfigureAwait(false);
        }
        catch (SourceException e) when (e.Failure == SourceFailure.NotFound)
        {
            return null;
        }
    }
}
