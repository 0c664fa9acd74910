using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using TravelPerkScim.Scim.Client.Rate;
using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.Scim.Client;

/// <summary>Sends requests: credential, rate gate, repeats, bounds. Everything that can go wrong leaves as <see cref="ScimException"/>,
/// except the caller's own cancellation.</summary>
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

    /// <summary>The same transport for a caller whose right to write may end.</summary>
    /// <param name="beforeWrite">Called each time a request that writes is about to leave, after every wait; what it throws is what the
    /// caller of the request gets, and nothing is sent.</param>
    public ScimTransport Guarded(Func<CancellationToken, ValueTask> beforeWrite) => new(this, beforeWrite);

    public async Task<ScimResponse> SendAsync(ScimRequest request, CancellationToken cancellationToken)
    {
        var body = request.Body is null ? null : JsonSerializer.SerializeToUtf8Bytes(request.Body);
        var retries = 0;
        var refreshed = false;
        string? otherType = null;
        var maybeDone = false;
        var lastAnswers = _governor.Answers;
        var waited = TimeSpan.Zero;
        for (var attempt = 1; ; attempt++)
        {
            var pass = await _governor.EnterAsync(cancellationToken).ConfigureAwait(false);
            var bodyType = otherType ?? Dialect.Current.MediaType ?? ScimJson;
            var generation = _credential.Generation;
            var sign = RateSign.None;
            TimeSpan pause = TimeSpan.Zero,
                everybody = TimeSpan.Zero;
            bool held = false;
            ScimException failure;
            try
            {
                var response = await SendOnceAsync(request, body, bodyType, attempt, cancellationToken).ConfigureAwait(false);
                sign = RateSign.Answered;
                if (body is not null && Dialect.Current.MediaType != bodyType)
                    Dialect.Learn(known => known with { MediaType = bodyType });
                return response;
            }
            catch (ScimException e)
            {
                failure = e;
                sign = RetryPolicy.SignOf(e);
                // A limit that lets other callers through is working; whoever was unlucky again has not used up a retry.
                var answers = _governor.Answers;
                if (sign == RateSign.TooManyRequests && answers != lastAnswers)
                    retries = 0;
                lastAnswers = answers;
                pause = RetryPolicy.MayRepeat(request, e) ? _retry.Delay(e, retries + 1) : TimeSpan.Zero;
                everybody = RetryPolicy.ConcernsEverybody(e) ? pause : TimeSpan.Zero;
            }
            finally
            {
                held = _governor.Leave(pass, sign, everybody) && everybody > TimeSpan.Zero;
            }

            maybeDone |= failure.OutcomeUnknown;
            // 415 and 401 were answered before anything was done, so these repeats are safe for every method.
            if (failure.StatusCode == HttpStatusCode.UnsupportedMediaType && body is not null && otherType is null)
            {
                otherType = bodyType == ScimJson ? PlainJson : ScimJson;
                continue;
            }

            if (
                failure.StatusCode == HttpStatusCode.Unauthorized
                && !refreshed
                && await _credential.RefreshAsync(generation, cancellationToken).ConfigureAwait(false)
            )
            {
                refreshed = true;
                continue;
            }

            // The first DELETE did it and only its answer was lost.
            if (maybeDone && request.Method == HttpMethod.Delete && failure.Kind == ScimFailure.NotFound)
                return new ScimResponse(request, HttpStatusCode.NoContent, null);
            if (pause == TimeSpan.Zero || retries >= _options.MaxRetries || !RetryPolicy.MayWait(waited, pause))
            {
                // What did not even look at the request says nothing of the attempts before.
                if (
                    maybeDone
                    && failure.StatusCode
                        is null
                            or HttpStatusCode.Unauthorized
                            or HttpStatusCode.Forbidden
                            or HttpStatusCode.TooManyRequests
                            or >= HttpStatusCode.InternalServerError
                )
                    failure.DoubtOutcome();
                ExceptionDispatchInfo.Throw(failure);
            }
            retries++;
            waited += pause;
            if (!held)
                await Task.Delay(pause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
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
            // Followed by hand by nobody: the credential goes where the user said and nowhere else.
            AllowAutoRedirect = false,
            UseCookies = false,
            // A proxy from the environment would carry loopback traffic, in the clear, off this machine.
            UseProxy = !Client.BaseUri.IsLoopback(baseUri),
        };

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
            // Without content SocketsHttpHandler repeats by itself when a connection closes, uncounted and unseen; for a GET that does no
            // harm.
            message.Content = new ByteArrayContent([]);
        await _credential.ApplyAsync(message, cancellationToken).ConfigureAwait(false);
        // Renewing a token may take its time, so not before that.
        if (request.IsWrite && _beforeWrite is not null)
            await _beforeWrite(cancellationToken).ConfigureAwait(false);

        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var started = _options.TimeProvider.GetTimestamp();
        HttpStatusCode? status = null;
        var failed = "Cancelled";
        try
        {
            using var response = await _http
                .SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            status = response.StatusCode;
            _options.Answered?.Invoke(response.Headers);
            var answer = await AnswerReader
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
            var described = timeout.IsCancellationRequested ? TimedOut(request) : NetworkFailure.Describe(request, BaseUri, failure);
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
                $"{request}: {BaseUri.Authority} gave no complete answer within {_options.RequestTimeout.TotalSeconds:0.###} "
                    + $"seconds; try again, or allow more time."
            )
        )
        {
            OutcomeUnknown = request.IsWrite,
        };
}
