using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text.Json;

namespace TravelPerkScim.Scim;

/// <summary>Sends requests: credential, rate gate, repeats, bounds. Everything that can go wrong leaves as <see cref="ScimException"/>, except the caller's own cancellation.</summary>
internal sealed class ScimTransport : IDisposable
{
    private const string ScimJson = "application/scim+json";
    private const string PlainJson = "application/json";
    private static readonly string s_version = typeof(ScimTransport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    private readonly ScimClientOptions _options;
    private readonly ScimCredential _credential;
    private readonly HttpClient _http;
    private readonly RateGovernor _governor;
    private readonly RetryPolicy _retry;
    private long _successes;

    public ScimTransport(ScimClientOptions options, ScimCredential credential)
    {
        Dialect = new DialectBook(options.TimeProvider);
        _options = options;
        _credential = credential;
        BaseUri = Scim.BaseUri.Check(options.BaseUri);
        _governor = new RateGovernor(options.TimeProvider);
        _retry = new RetryPolicy(options);
        _http = new HttpClient(options.Handler ?? NetworkHandler(BaseUri), disposeHandler: options.Handler is null) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("TravelPerkScim", s_version));
        _http.DefaultRequestHeaders.Accept.ParseAdd(ScimJson);
        _http.DefaultRequestHeaders.Accept.ParseAdd(PlainJson);
        _http.DefaultRequestHeaders.Add("Api-Version", "1");
    }

    public Uri BaseUri { get; }

    /// <summary>What was learned of the server.</summary>
    public DialectBook Dialect { get; }

    public long RequestCount => Rate.Requests;

    public ScimRate Rate => _governor.Rate;

    public async Task<ScimResponse> SendAsync(ScimRequest request, CancellationToken cancellationToken)
    {
        var body = request.Body is null ? null : JsonSerializer.SerializeToUtf8Bytes(request.Body);
        var retries = 0;
        var refreshed = false;
        string? otherType = null;
        var maybeDone = false;
        var lastSuccesses = Interlocked.Read(ref _successes);
        for (var attempt = 1; ; attempt++)
        {
            int epoch = await _governor.EnterAsync(cancellationToken).ConfigureAwait(false);
            var bodyType = otherType ?? Dialect.Current.MediaType ?? ScimJson;
            var generation = _credential.Generation;
            try
            {
                var response = await SendOnceAsync(request, body, bodyType, attempt, cancellationToken).ConfigureAwait(false);
                Interlocked.Increment(ref _successes);
                _governor.Answered();
                if (body is not null)
                    Dialect.Learn(known => known with { MediaType = bodyType });
                return response;
            }
            catch (ScimException failure)
            {
                maybeDone |= failure.OutcomeUnknown;
                if (failure.StatusCode is not (null or HttpStatusCode.TooManyRequests))
                    _governor.Answered();
                // 415 and 401 were answered before anything was done, so these repeats are safe for every method.
                if (failure.StatusCode == HttpStatusCode.UnsupportedMediaType && body is not null && otherType is null)
                {
                    otherType = bodyType == ScimJson ? PlainJson : ScimJson;
                    continue;
                }

                if (failure.StatusCode == HttpStatusCode.Unauthorized && !refreshed && await _credential.RefreshAsync(generation, cancellationToken).ConfigureAwait(false))
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
                    _governor.Refused(epoch, pause);
                else if (RetryPolicy.ConcernsEverybody(failure))
                    _governor.Pause(pause);
                if (pause == TimeSpan.Zero || retries >= _options.MaxRetries)
                    throw;
                retries++;
                if (!RetryPolicy.ConcernsEverybody(failure))
                    await Task.Delay(pause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    internal static SocketsHttpHandler NetworkHandler(Uri baseUri) => new()
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // Below the fifteen seconds after which servers begin to close idle connections: a POST on one that is being closed has an unknown outcome.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
        ConnectTimeout = TimeSpan.FromSeconds(15),
        AutomaticDecompression = DecompressionMethods.All,
        // Followed by hand by nobody: the credential goes where the user said and nowhere else.
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy from the environment would carry loopback traffic, in the clear, off this machine.
        UseProxy = !Scim.BaseUri.IsLoopback(baseUri),
    };

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
}
