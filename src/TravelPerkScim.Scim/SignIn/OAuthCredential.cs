using System.Net.Http.Headers;
using System.Security;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>
/// An OAuth access token that renews itself: shortly before it expires, and when the service refuses it. One renewal serves all requests
/// that need it. A new refresh token is stored before the new access token is used. Thread-safe.
/// </summary>
public sealed class OAuthCredential : ScimCredential
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly TokenClient _client;
    private readonly StoredToken _stored;
    private readonly TimeProvider _time;
    private volatile TokenSet _tokens;
    private TokenSet? _unsaved;
    private Task? _renewal;
    private ScimException? _refused;
    private DateTimeOffset _pausedUntil;
    private bool _rejected;
    private bool _disposed;
    private int _generation;

    /// <summary>Takes over the client and the tokens. The refresh token is stored already.</summary>
    internal OAuthCredential(TokenClient client, TokenSet tokens, StoredToken stored, TimeProvider time) =>
        (_client, _tokens, _stored, _time) = (client, tokens, stored, time);

    /// <summary>The scopes that TravelPerk granted.</summary>
    public IReadOnlyList<string> Scopes => _tokens.Scopes;

    /// <summary>When the access token in use expires. It is renewed before that time.</summary>
    public DateTimeOffset ExpiresOn => _tokens.ExpiresOn;

    /// <summary>Removes the refresh token from the store; the credential goes on working until it is disposed of. Nothing happens without a
    /// store.</summary>
    /// <exception cref="ScimException"><c>TokenStoreUnavailable</c>.</exception>
    public Task ForgetAsync(CancellationToken cancellationToken) => _stored.RemoveAsync(cancellationToken);

    public override string ToString() => "OAuth";

    protected internal override int Generation => Current(_ => _generation);

    protected internal override async ValueTask ApplyAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await RenewIfNeededAsync(cancellationToken).ConfigureAwait(false);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Current(tokens => SecretText.Reveal(tokens.AccessToken)));
    }

    /// <summary>The renewal itself is left to the repeated request, where its failures are repeated or reported like any other.</summary>
    protected internal override ValueTask<bool> RefreshAsync(int generation, CancellationToken cancellationToken)
    {
        lock (_gate)
            _rejected |= generation == _generation;
        return ValueTask.FromResult(true);
    }

    protected internal override string Redact(string text) =>
        Current(tokens =>
            SecretEcho.Hide(text, new[] { tokens.AccessToken, tokens.RefreshToken }.OfType<SecureString>().Select(SecretText.Reveal))
        );

    protected override void Dispose(bool disposing)
    {
        Task? renewal;
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            renewal = _renewal;
        }

        // A renewal that is under way must still reach the store, because the service has spent the old token.
        if (renewal is null)
            Release();
        else
            _ = renewal.ContinueWith(_ => Release(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    protected override async Task EndAsync()
    {
        Task? renewal;
        lock (_gate)
            renewal = _renewal;
        // The request that needed the renewal was told how it ended.
        if (renewal is not null)
            await renewal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Release()
    {
        _tokens.Dispose();
        _unsaved?.Dispose();
        _client.Dispose();
    }

    private T Current<T>(Func<TokenSet, T> read)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return read(_tokens);
        }
    }

    /// <summary>Gets a usable access token now, rather than with the first request.</summary>
    internal async Task RenewIfNeededAsync(CancellationToken cancellationToken)
    {
        Task renewal;
        bool stillGood;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            DateTimeOffset now = _time.GetUtcNow();
            stillGood = !_rejected && now < _tokens.ExpiresOn;
            if (stillGood && (now < _tokens.RefreshOn || now < _pausedUntil))
                return;
            // The caller's cancellation must not stop it: a renewal that the service has carried out must not be lost.
            renewal = _renewal ??= Task.Run(RenewAsync, CancellationToken.None);
        }

        try
        {
            await renewal.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException) when (stillGood)
        {
            lock (_gate)
                _pausedUntil = _time.GetUtcNow() + s_pause;
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            if (_refused is { } refused)
                throw new ScimException(refused.Kind, refused.ErrorId, refused.Message, refused);
            // Tokens that could not be stored are kept and stored now. To fetch again would spend a refresh token.
            _unsaved ??= await FetchAsync().ConfigureAwait(false);
            await _stored.WriteAsync(_unsaved.RefreshToken, CancellationToken.None).ConfigureAwait(false);
            lock (_gate)
            {
                _tokens.Dispose();
                _tokens = _unsaved;
                _unsaved = null;
                _rejected = false;
                _generation++;
            }
        }
        finally
        {
            lock (_gate)
                _renewal = null;
        }
    }

    private async Task<TokenSet> FetchAsync()
    {
        await _stored.BeforeRenewalAsync().ConfigureAwait(false);
        try
        {
            try
            {
                return await _client
                    .RefreshAsync(_tokens.RefreshToken ?? throw NoRefreshToken(), CancellationToken.None)
                    .ConfigureAwait(false);
            }
            catch (ScimException e) when (e.Kind == ScimFailure.Credential)
            {
                // Another session that shares the store may have renewed it.
                using SecureString? other = await _stored.ReadOtherAsync(_tokens.RefreshToken).ConfigureAwait(false);
                if (other is null)
                    throw;
                return await _client.RefreshAsync(other, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (ScimException e) when (e.Kind == ScimFailure.Credential)
        {
            // A second request would be refused too, and a cycle of thousands of users must not send one for each.
            _refused = e;
            throw;
        }
    }

    private static ScimException NoRefreshToken() =>
        new(
            ScimFailure.Credential,
            "OAuthRefreshRefused",
            "The access token has expired, and TravelPerk gave no refresh token with it. Run Connect-TravelPerk -Authorize again."
        );
}
