using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Http;

/// <summary>One request of a batch.</summary>
/// <param name="Method">HTTP method. The request must be fit to be sent twice, because a batch whose answer is lost is sent again.</param>
/// <param name="Url">Relative to the version; begins with a slash.</param>
/// <param name="Need">What the request is for.</param>
/// <param name="Body">The JSON to send; null sends none.</param>
internal sealed record BatchRequest(Method Method, string Url, GraphNeed Need, JsonNode? Body = null)
{
    /// <summary>Asks for the largest pages.</summary>
    public bool LargePages { get; init; }

    /// <summary>The request is an advanced query, such as a count.</summary>
    public bool IsAdvanced { get; init; }

    /// <summary>The headers of the request.</summary>
    public IEnumerable<(string Name, string Value)> Headers
    {
        get
        {
            if (LargePages)
                yield return ("Prefer", GraphRequests.LargePages);
            if (IsAdvanced)
                yield return ("ConsistencyLevel", "eventual");
            if (Body is not null)
                yield return ("Content-Type", "application/json");
        }
    }
}

/// <summary>Requests sent 20 at once (Graph: "Combine multiple requests in one HTTP call").</summary>
internal sealed class GraphBatch(GraphRequests requests)
{
    public const int Size = 20;

    /// <summary>
    /// Answers in the order of the requests. A wrong answer is a fault of its request alone. A throttled request is repeated alone.
    /// </summary>
    /// <param name="wanted">Relative URLs that begin with a slash.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException">The answer is no batch, or one of its answers is an error that others would get
    /// too.</exception>
    public Task<BatchAnswer[]> GetAsync(IReadOnlyList<(string Url, GraphNeed Need)> wanted, CancellationToken cancellationToken) =>
        RunAsync(
            [.. wanted.Select(one => new BatchRequest(Method.GET, one.Url, one.Need))],
            AnswerOf,
            BatchAnswer.Invalid,
            cancellationToken
        );

    /// <summary>Replies in the order of the requests, errors among them. The caller decides on each.</summary>
    /// <exception cref="SourceException">The answer is no batch.</exception>
    public Task<BatchReply[]> SendAsync(IReadOnlyList<BatchRequest> wanted, CancellationToken cancellationToken) =>
        RunAsync(wanted, (response, status, _) => new BatchReply(status, BodyOf(response)), default, cancellationToken);

    private async Task<T[]> RunAsync<T>(
        IReadOnlyList<BatchRequest> wanted,
        Func<JsonElement, HttpStatusCode, GraphNeed, T> answerOf,
        T invalid,
        CancellationToken cancellationToken
    )
    {
        var answers = new T[wanted.Count];
        var waiting = new Queue<(int Index, int Repeat)>(Enumerable.Range(0, wanted.Count).Select(index => (index, 0)));
        while (waiting.Count > 0)
        {
            (int Index, int Repeat)[] asked = [.. Enumerable.Range(0, Math.Min(Size, waiting.Count)).Select(_ => waiting.Dequeue())];
            RequestInformation request = Request(wanted, asked.Select(one => one.Index));
            using JsonDocument document = await requests
                .SendAsync(request, wanted[asked[0].Index].Need, cancellationToken)
                .ConfigureAwait(false);
            ILookup<string, JsonElement> responses = JsonText
                .RequiredList(document.RootElement, "responses", "to a batch has no responses")
                .EnumerateArray()
                .ToLookup(response => JsonText.OrEmpty(response, "id"), StringComparer.Ordinal);
            foreach ((int index, int repeat) in asked)
            {
                JsonElement[] own = [.. responses[index.ToString(CultureInfo.InvariantCulture)]];
                // Two answers to one request contradict each other, so neither is used.
                if (own.Length != 1 || StatusOf(own[0]) is not { } status)
                    answers[index] = invalid;
                else if (RepeatWait(own[0], status, repeat) is { } wait)
                    Again(index, repeat + 1, wait, status);
                else
                    answers[index] = answerOf(own[0], status, wanted[index].Need);
            }
        }
        return answers;

        void Again(int index, int repeat, TimeSpan wait, HttpStatusCode status)
        {
            requests.Gate.Pause(wait, status);
            waiting.Enqueue((index, repeat));
        }
    }

    // The body outlives the answer of the batch.
    private static JsonElement BodyOf(JsonElement response)
    {
        JsonElement body = JsonText.Property(response, "body");
        return JsonText.Exists(body) ? body.Clone() : default;
    }

    private static BatchAnswer AnswerOf(JsonElement response, HttpStatusCode status, GraphNeed need)
    {
        JsonElement body = JsonText.Property(response, "body");
        return status switch
        {
            HttpStatusCode.OK => body.ValueKind == JsonValueKind.Object
                ? new BatchAnswer(BatchState.Found, body.Clone())
                : BatchAnswer.Invalid,
            HttpStatusCode.NotFound => BatchAnswer.NotFound,
            _ => throw GraphFailure.Of(GraphError.Of((int)status, body), need),
        };
    }

    // How long a request waits before it is repeated; null when it is not repeated.
    private TimeSpan? RepeatWait(JsonElement response, HttpStatusCode status, int repeat)
    {
        if (!RepeatHandler.IsPassing(status) || repeat >= ThrottleGate.MaxRepeats)
            return null;
        TimeSpan wait = Wait(response, repeat);
        return wait <= ThrottleGate.LongestWait ? wait : null;
    }

    private static HttpStatusCode? StatusOf(JsonElement response) =>
        JsonText.Property(response, "status") is { ValueKind: JsonValueKind.Number } status && status.TryGetInt32(out int code)
            ? (HttpStatusCode)code
            : null;

    private RequestInformation Request(IReadOnlyList<BatchRequest> wanted, IEnumerable<int> indexes)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("requests");
            foreach (int index in indexes)
            {
                json.WriteStartObject();
                json.WriteString("id", index.ToString(CultureInfo.InvariantCulture));
                json.WriteString("method", wanted[index].Method.ToString());
                json.WriteString("url", wanted[index].Url);
                (string Name, string Value)[] headers = [.. wanted[index].Headers];
                if (headers.Length > 0)
                {
                    json.WriteStartObject("headers");
                    foreach ((string name, string value) in headers)
                        json.WriteString(name, value);
                    json.WriteEndObject();
                }
                if (wanted[index].Body is { } body)
                {
                    json.WritePropertyName("body");
                    body.WriteTo(json);
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        var request = new RequestInformation
        {
            HttpMethod = Method.POST,
            UrlTemplate = "{+baseurl}/$batch",
            PathParameters = new Dictionary<string, object> { ["baseurl"] = requests.Client.RequestAdapter.BaseUrl ?? "" },
        };
        request.AddRequestOptions([new BatchUnits(indexes.Sum(index => ResourceUnits.Of(wanted[index].Url)))]);
        request.Headers.Add("Accept", "application/json");
        request.SetStreamContent(new MemoryStream(buffer.WrittenSpan.ToArray()), "application/json");
        return request;
    }

    private TimeSpan Wait(JsonElement response, int repeat)
    {
        string? text = JsonText.Property(response, "headers") is { ValueKind: JsonValueKind.Object } headers
            ? headers
                .EnumerateObject()
                .Where(header => "Retry-After".Equals(JsonText.NameOf(header), StringComparison.OrdinalIgnoreCase))
                .Select(header => JsonText.Of(header.Value) ?? Number(header.Value))
                .FirstOrDefault()
            : null;
        return requests.Gate.WaitFor(text, repeat);
    }

    private static string? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null;
}
