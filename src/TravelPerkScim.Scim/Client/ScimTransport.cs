using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using TravelPerkScim.Scim.Client.Rate;
using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.Scim.Client;

/// <summary>Sends requests: credential, rate gate, repeats, bounds. Every failure leaves as <see cref="ScimException"/>, except the
/// caller's own cancellation.</summary>
internal sealed class ScimTransport : IDisposable
{
    private const string ScimJson = "application/scim+json";
    private const string PlainJson = "application/json";
    private static readonly string s_version =
        typeof(ScimTransport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "0";

    private readonly ScimClientOptions _options;
    private readonly ScimCredential _credential;
    private readonly HttpClient _http;
    private readonly RateGovernor _governor;
    private readonly RetryPolicy _retry;
    private readonly Func<CancellationToken, ValueTask>? _beforeWrite;

    public ScimTransport(ScimClientOptions options, ScimCredential credential)
    {
        Dialect = new DialectBook(options.TimeProvider);
        _options = options;
        _credential = credential;
        BaseUri = Client.BaseUri.Check(options.BaseUri);
        _governor = new RateGovernor(options.TimeProvider, slow: options.RequestTimeout / 2);
        _retry = new RetryPolicy(options);
        _http = new HttpClient(options.Handler ?? NetworkHandler(BaseUri), disposeHandler: options.Handler is null)
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("TravelPerkScim", s_version));
        // As text: parsed values would be copied one by one into every request.
        _http.DefaultRequestHeaders.TryAddWithoutValidation("Accept", $"{ScimJson}, {PlainJson}");
        _http.DefaultRequestHeaders.Add("Api-Version", "1");
    }

    private ScimTransport(ScimTransport shared, Func<CancellationToken, ValueTask> beforeWrite)
    {
        (_options, _credential, _http, _governor, _retry) = (
            shared._options,
            shared._credential,
            shared._http,
            shared._governor,
            shared._retry
        );
        (BaseUri, Dialect, _beforeWrite) = (shared.BaseUri, shared.Dialect, beforeWrite);
    }

    public Uri BaseUri { get; }

    /// <summary>What was learned of the server.</summary>
    public DialectBook Dialect { get; }

    public long RequestCount => Rate.Requests;

    public ScimRate Rate => _governor.Rate;

    /// <summary>The number of requests that are worth sending at once.</summary>
    public int Concurrency => _governor.Concurrency;

    /// <summary>Takes over what another session learned.</summary>
    public void Recall(ScimDialect dialect)
    {
        Dialect.Recall(dialect);
        if (dialect.Concurrency is { } proven)
            _governor.Recall(proven);
    }

    /// <summary>The same transport for a caller whose right to write may end.</summary>
    /// <param name="beforeWrite">Called each time a request that writes is about to leave, after every wait. When it throws, nothing is
    /// sent, and the caller of the request gets the exception.</param>
    public ScimTransport Guarded(Func<CancellationToken, ValueTask> beforeWrite) => new(this, beforeWrite);

    /// <summary>Sends a request; null when the server answers 404.</summary>
    public async Task<ScimResponse?> TrySendAsync(ScimRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.Kind == ScimFailure.NotFound)
        {
            return null;
        }
    }

    public async Task<ScimResponse> SendAsync(ScimRequest request, CancellationToken cancellationToken)
    {
        byte[]? body = request.Body is null ? null : JsonSerializer.SerializeToUtf8Bytes(request.Body);
        var history = new RequestHistory(_governor.Answers);
        while (true)
        {
            history.Attempts++;
            RatePass pass = await _governor.EnterAsync(cancellationToken).ConfigureAwait(false);
            string bodyType = history.OtherType ?? Dialect.Current.MediaType ?? ScimJson;
            int generation = _credential.Generation;
            var end = default(AttemptEnd);
            bool hasWaited = false;
            ScimException failure;
            try
            {
                ScimResponse response = await SendOnceAsync(request, body, bodyType, history.Attempts, cancellationToken)
                    .ConfigureAwait(false);
                end = new AttemptEnd(RateSign.Answered, TimeSpan.Zero, TimeSpan.Zero);
                if (body is not null && Dialect.Current.MediaType != bodyType)
                    Dialect.Learn(new ScimDialect { MediaType = bodyType });
                return response;
            }
            catch (ScimException e)
            {
                failure = e;
                end = EndOf(request, e, ref history);
            }
            finally
            {
                hasWaited = _governor.Leave(pass, end.Sign, end.PauseOfAll) && end.PauseOfAll > TimeSpan.Zero;
                if (_governor.ProvenConcurrency is { } proven && Dialect.Current.Concurrency != proven)
                    Dialect.Learn(new ScimDialect { Concurrency = proven });
            }

            // 415 and 401 were answered before anything was done, so these repeats are safe for every method.
            if (failure.StatusCode == HttpStatusCode.UnsupportedMediaType && body is not null && history.OtherType is null)
            {
                history.OtherType = bodyType == ScimJson ? PlainJson : ScimJson;
                continue;
            }
            if (failure.StatusCode == HttpStatusCode.Unauthorized)
            {
                // A request on a slow way can meet the end of two secrets. Another request has then renewed the second one already.
                bool hasOther = history.IsRefreshed
                    ? _credential.Generation != generation
                    : await _credential.RefreshAsync(generation, cancellationToken).ConfigureAwait(false);
                history.IsRefreshed |= hasOther;
                if (hasOther)
                    continue;
            }

            // The first DELETE did it and only its answer was lost.
            if (history.MayBeDone && request.Method == HttpMethod.Delete && failure.Kind == ScimFailure.NotFound)
                return new ScimResponse(request, HttpStatusCode.NoContent, null);
            if (!MayRepeatAfter(end.Pause, history))
                Throw(failure, history);
            history.Retries++;
            history.Waited += end.Pause;
            if (!hasWaited)
                await Task.Delay(end.Pause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _http.Dispose();

    internal static SocketsHttpHandler NetworkHandler(Uri baseUri) =>
        new()
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // Below the fifteen seconds after which servers begin to close idle connections: a POST on one that is being closed has an
            // unknown outcome.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
            ConnectTimeout = TimeSpan.FromSeconds(15),
            AutomaticDecompression = DecompressionMethods.All,
            // Redirects are not followed: they could send the credential to another host.
            AllowAutoRedirect = false,
            UseCookies = false,
            // A proxy from the environment would carry loopback traffic, in the clear, off this machine.
            UseProxy = !Client.BaseUri.IsLoopback(baseUri),
        };

    private AttemptEnd EndOf(ScimRequest request, ScimException failure, ref RequestHistory history)
    {
        history.MayBeDone |= failure.OutcomeUnknown;
        RateSign sign = RetryPolicy.SignOf(failure);
        // While the limit lets other requests through, a refusal of this one is bad luck and uses up no retry.
        long answers = _governor.Answers;
        if (sign == RateSign.TooManyRequests && answers != history.AnswersOfOthers)
            history.Retries = 0;
        history.AnswersOfOthers = answers;
        TimeSpan pause = RetryPolicy.MayRepeat(request, failure) ? _retry.Delay(failure, history.Retries + 1) : TimeSpan.Zero;
        return new AttemptEnd(sign, pause, RetryPolicy.ConcernsAllRequests(failure) ? pause : TimeSpan.Zero);
    }

    private bool MayRepeatAfter(TimeSpan pause, in RequestHistory history) =>
        pause > TimeSpan.Zero && history.Retries < _options.MaxRetries && RetryPolicy.MayWait(history.Waited, pause);

    [DoesNotReturn]
    private static void Throw(ScimException failure, in RequestHistory history)
    {
        if (history.MayBeDone && !TellsOfTheResource(failure.StatusCode))
            failure.DoubtOutcome();
        ExceptionDispatchInfo.Throw(failure);
    }

    // A failure that came before the request was looked at says nothing of the attempts before.
    private static bool TellsOfTheResource(HttpStatusCode? status) =>
        status
            is not (
                null
                or HttpStatusCode.Unauthorized
                or HttpStatusCode.Forbidden
                or HttpStatusCode.TooManyRequests
                or >= HttpStatusCode.InternalServerError
            );

    private async Task<ScimResponse> SendOnceAsync(
        ScimRequest request,
        byte[]? body,
        string bodyType,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        using var message = new HttpRequestMessage(request.Method, new Uri(BaseUri, request.Path));
        if (body is not null)
            message.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(bodyType) } };
        else if (request.IsWrite)
            // Without content, SocketsHttpHandler itself repeats a request whose connection closes. For a GET that does no harm; a write
            // must not be repeated unseen.
            message.Content = new ByteArrayContent([]);
        await _credential.ApplyAsync(message, cancellationToken).ConfigureAwait(false);
        // Only now, because the renewal of a token may take a while.
        if (request.IsWrite && _beforeWrite is not null)
            await _beforeWrite(cancellationToken).ConfigureAwait(false);

        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        long started = _options.TimeProvider.GetTimestamp();
        HttpStatusCode? status = null;
        string? failed = "Cancelled";
        try
        {
            using HttpResponseMessage response = await _http
                .SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            status = response.StatusCode;
            _options.Answered?.Invoke(response.Headers);
            ScimResponse answer = await AnswerReader
                .ReadAsync(
                    request,
                    response,
                    _options.MaxResponseBytes,
                    _credential.Redact,
                    _retry.ReadRetryAfter(response.Headers),
                    either.Token
                )
                .ConfigureAwait(false);
            failed = null;
            return answer;
        }
        catch (ScimException failure)
        {
            failed = failure.ErrorId;
            throw;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ScimException described = timeout.IsCancellationRequested
                ? TimedOut(request)
                : NetworkFailure.Describe(request, BaseUri, failure);
            failed = described.ErrorId;
            throw described;
        }
        finally
        {
            _options.Trace?.Invoke(
                new ScimRequestTrace(
                    request.Method.Method,
                    request.Shown,
                    status,
                    _options.TimeProvider.GetElapsedTime(started),
                    attempt,
                    failed
                )
            );
        }
    }

    private ScimException TimedOut(ScimRequest request) =>
        new(
            ScimFailure.TimedOut,
            "TimedOut",
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{request}: {BaseUri.Authority} gave no complete answer within {_options.RequestTimeout.TotalSeconds:0.###} seconds; "
                    + $"try again, or allow more time."
            )
        )
        {
            OutcomeUnknown = request.IsWrite,
        };

    /// <summary>How one attempt ended.</summary>
    /// <param name="Sign">What it says of the server's load.</param>
    /// <param name="Pause">The wait before the request may be repeated; zero when it may not.</param>
    /// <param name="PauseOfAll">The wait of every request; zero for none.</param>
    private readonly record struct AttemptEnd(RateSign Sign, TimeSpan Pause, TimeSpan PauseOfAll);

    /// <summary>What one request has been through. A struct, so that a request that is answered at once costs no allocation for
    /// it.</summary>
    private struct RequestHistory(long answersOfOthers)
    {
        public int Attempts;

        /// <summary>Attempts that count against <see cref="ScimClientOptions.MaxRetries"/>.</summary>
        public int Retries;

        /// <summary>The body's media type, after the server refused the usual one.</summary>
        public string? OtherType;

        /// <summary>The credential was renewed for this request.</summary>
        public bool IsRefreshed;

        /// <summary>An attempt may have been carried out, although its answer was not read.</summary>
        public bool MayBeDone;

        public TimeSpan Waited;

        /// <summary>Requests of this client that were answered when the last attempt ended.</summary>
        public long AnswersOfOthers = answersOfOthers;
    }
}
