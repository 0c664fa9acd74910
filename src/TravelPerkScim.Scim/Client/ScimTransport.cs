using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.Json;

namespace TravelPerkScim.Scim;

/// <summary>Sends requests: credential, gates, repeats, bounds. Everything that can go wrong leaves as <see cref="ScimException"/>, except the caller's own cancellation.</summary>
internal sealed class ScimTransport : IDisposable
{
    private const string ScimJson = "application/scim+json";
    private const string PlainJson = "application/json";
    private static readonly string s_version = typeof(ScimTransport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    private readonly ScimClientOptions _options;
    private readonly ScimCredential _credential;
    private readonly HttpClient _http;
    private readonly ConcurrencyGate _concurrency;
    private readonly RateGovernor _governor;
    private readonly RetryPolicy _retry;
    private readonly Func<CancellationToken, Task>? _mayWrite;
    private long _successes;

    public ScimTransport(ScimClientOptions options, ScimCredential credential)
    {
        Dialect = new DialectBook(options.TimeProvider);
        _options = options;
        _credential = credential;
        BaseUri = Scim.BaseUri.Check(options.BaseUri);
        _concurrency = new ConcurrencyGate();
        _governor = new RateGovernor(options.TimeProvider);
        _retry = new RetryPolicy(options);
        _http = new HttpClient(options.Handler ?? NetworkHandler.For(BaseUri), disposeHandler: options.Handler is null) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("TravelPerkScim", s_version));
        _http.DefaultRequestHeaders.Accept.ParseAdd(ScimJson);
        _http.DefaultRequestHeaders.Accept.ParseAdd(PlainJson);
        _http.DefaultRequestHeaders.Add("Api-Version", "1");
    }

    private ScimTransport(ScimTransport shared, Func<CancellationToken, Task> mayWrite)
    {
        Dialect = shared.Dialect;
        _options = shared._options;
        _credential = shared._credential;
        BaseUri = shared.BaseUri;
        _concurrency = shared._concurrency;
        _governor = shared._governor;
        _retry = shared._retry;
        _http = shared._http;
        _mayWrite = mayWrite;
    }

    public Uri BaseUri { get; }

    /// <summary>What was learned of the server.</summary>
    public DialectBook Dialect { get; }

    public long RequestCount => Rate.Requests;

    public ScimRate Rate => _governor.Rate with { Concurrency = _concurrency.Limit };

    /// <summary>This transport for somebody whose right to write may end: asked each time a write is about to leave, repeats included.</summary>
    /// <param name="mayWrite">Throws when the right has ended; then nothing is sent.</param>
    /// <returns>Shares everything with this one, which stays the one to dispose of.</returns>
    public ScimTransport GuardedBy(Func<CancellationToken, Task> mayWrite) => new(this, mayWrite);

    public async Task<ScimResponse> SendAsync(ScimRequest request, CancellationToken cancellationToken)
    {
        var body = request.Body is null ? null : JsonSerializer.SerializeToUtf8Bytes(request.Body);
        var retries = 0;
        var refreshed = false;
        string? otherType = null;
        var maybeDone = false;
        var lastSuccesses = Interlocked.Read(ref _successes);
        for (var number = 1; ; number++)
        {
            Attempt attempt = await AttemptAsync(request, body, otherType, number, cancellationToken).ConfigureAwait(false);
            if (attempt.Failure is not { } failure)
                return attempt.Answer!;
            maybeDone |= failure.OutcomeUnknown;
            // 415 and 401 were answered before anything was done, so these repeats are safe for every method.
            if (failure.StatusCode == HttpStatusCode.UnsupportedMediaType && body is not null && otherType is null)
            {
                otherType = attempt.BodyType == ScimJson ? PlainJson : ScimJson;
                continue;
            }

            if (failure.StatusCode == HttpStatusCode.Unauthorized && !refreshed && await _credential.RefreshAsync(attempt.Generation, cancellationToken).ConfigureAwait(false))
            {
                refreshed = true;
                continue;
            }

            // The first DELETE did it and only its answer was lost.
            if (maybeDone && request.Method == HttpMethod.Delete && failure.ErrorId == "NotFound")
                return new ScimResponse(request, HttpStatusCode.NoContent, null);
            // A limit that lets other callers through is working; whoever was unlucky again has not used up a retry.
            var successes = Interlocked.Read(ref _successes);
            if (failure.StatusCode == HttpStatusCode.TooManyRequests && successes != lastSuccesses)
                retries = 0;
            lastSuccesses = successes;

            var pause = RetryPolicy.MayRepeat(request, failure) ? _retry.Delay(failure, retries + 1) : TimeSpan.Zero;
            if (failure.StatusCode == HttpStatusCode.TooManyRequests)
                _governor.Refused(attempt.Epoch, pause);
            else if (RetryPolicy.ConcernsEverybody(failure))
                _governor.Pause(pause);
            if (pause == TimeSpan.Zero || retries >= _options.MaxRetries)
                ExceptionDispatchInfo.Throw(failure);
            retries++;
            if (!RetryPolicy.ConcernsEverybody(failure))
                await Task.Delay(pause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _http.Dispose();

    // A place is held for one attempt only: whoever waits to try again takes none from the others.
    private async Task<Attempt> AttemptAsync(ScimRequest request, byte[]? body, string? otherType, int number, CancellationToken cancellationToken)
    {
        using ConcurrencyGate.Place place = await _concurrency.EnterAsync(cancellationToken).ConfigureAwait(false);
        int epoch = await _governor.EnterAsync(cancellationToken).ConfigureAwait(false);
        if (_mayWrite is not null && request.IsWrite)
            await _mayWrite(cancellationToken).ConfigureAwait(false);
        var bodyType = otherType ?? Dialect.Current.MediaType ?? ScimJson;
        var generation = _credential.Generation;
        place.Sent();
        try
        {
            var answer = await SendOnceAsync(request, body, bodyType, number, cancellationToken).ConfigureAwait(false);
            place.Ended(overloaded: false);
            Interlocked.Increment(ref _successes);
            _governor.Answered();
            if (body is not null)
                Dialect.Learn(known => known with { MediaType = bodyType });
            return new Attempt(answer, null, epoch, generation, bodyType);
        }
        catch (ScimException failure)
        {
            place.Ended(RetryPolicy.SaysOverloaded(failure));
            if (failure.StatusCode is not (null or HttpStatusCode.TooManyRequests))
                _governor.Answered();
            return new Attempt(null, failure, epoch, generation, bodyType);
        }
    }

    private async Task<ScimResponse> SendOnceAsync(ScimRequest request, byte[]? body, string bodyType, int attempt, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(request.Method, new Uri(BaseUri, request.Path));
        if (body is not null)
            message.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(bodyType) } };
        else if (request.IsWrite)
            // Without content SocketsHttpHandler repeats by itself when a connection closes, uncounted and unseen; for a GET that does no harm.
            message.Content = new ByteArrayContent([]);
        await _credential.ApplyAsync(message, cancellationToken).ConfigureAwait(false);

        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var started = _options.TimeProvider.GetTimestamp();
        HttpStatusCode? status = null;
        var failed = "Cancelled";
        try
        {
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            status = response.StatusCode;
            _options.Answered?.Invoke(response.Headers);
            var answer = await AnswerReader.ReadAsync(request, response, _options.MaxResponseBytes, _credential.Redact, _retry.ReadRetryAfter(response.Headers), either.Token).ConfigureAwait(false);
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
            var described = timeout.IsCancellationRequested ? TimedOut(request) : NetworkFailure.Describe(request, BaseUri, failure);
            failed = described.ErrorId;
            throw described;
        }
        finally
        {
            _options.Trace?.Invoke(new ScimRequestTrace(request.Method.Method, request.Shown, status, _options.TimeProvider.GetElapsedTime(started), attempt, failed));
        }
    }

    private ScimException TimedOut(ScimRequest request) =>
        new("TimedOut", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{request}: {BaseUri.Authority} gave no complete answer within {_options.RequestTimeout.TotalSeconds:0.###} seconds; try again, or allow more time."))
        {
            OutcomeUnknown = request.IsWrite,
        };

    /// <summary>How one sending of a request ended, and under which conditions it left.</summary>
    private readonly record struct Attempt(ScimResponse? Answer, ScimException? Failure, int Epoch, int Generation, string BodyType);
}
