using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Kiota.Abstractions;

namespace TravelPerkScim.Entra.Http;

/// <summary>GET requests sent 20 at once (Graph: "Combine multiple requests in one HTTP call").</summary>
internal sealed class GraphBatch(GraphRequests requests)
{
    public const int Size = 20;

    /// <summary>
    /// Answers in the order of the requests. What is wrong with one answer is a fault of that request alone; a throttled request alone is
    /// repeated.
    /// </summary>
    /// <param name="wanted">Relative URLs that begin with a slash.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="Provisioning.Read.SourceException">The answer is no batch, or one of its answers is an error that others would get
    /// too.</exception>
    public async Task<BatchAnswer[]> GetAsync(IReadOnlyList<(string Url, GraphNeed Need)> wanted, CancellationToken cancellationToken)
    {
        var answers = new BatchAnswer[wanted.Count];
        var waiting = new Queue<(int Index, int Repeat)>(Enumerable.Range(0, wanted.Count).Select(index => (index, 0)));
        while (waiting.Count > 0)
        {
            (int Index, int Repeat)[] asked = [.. Enumerable.Range(0, Math.Min(Size, waiting.Count)).Select(_ => waiting.Dequeue())];
            RequestInformation request = Request(wanted, asked.Select(one => one.Index));
            using JsonDocument document =
                await requests.SendAsync(request, wanted[asked[0].Index].Need, cancellationToken).ConfigureAwait(false);
            ILookup<string, JsonElement> responses =
                Responses(document).ToLookup(response => JsonText.Of(response, "id") ?? "", StringComparer.Ordinal);
            foreach ((int index, int repeat) in asked)
            {
                JsonElement[] own = [.. responses[index.ToString(CultureInfo.InvariantCulture)]];
                // Two answers to one request contradict each other or are worth nothing; an answer to no request is nobody's.
                if (own.Length != 1 || StatusOf(own[0]) is not { } status)
                    answers[index] = BatchAnswer.Invalid;
                else if (RepeatHandler.IsPassing(status) && repeat < ThrottleGate.MaxRepeats && Wait(own[0], repeat) is var wait
                    && wait <= ThrottleGate.LongestWait)
                    Again(index, repeat + 1, wait);
                else
                    answers[index] = Judge(own[0], status, wanted[index].Need);
            }
        }
        return answers;

        void Again(int index, int repeat, TimeSpan wait)
        {
            requests.Gate.Pause(wait);
            waiting.Enqueue((index, repeat));
        }
    }

    private static BatchAnswer Judge(JsonElement response, HttpStatusCode status, GraphNeed need)
    {
        JsonElement body = JsonText.Property(response, "body") ?? default;
        return status switch
        {
            HttpStatusCode.OK => body.ValueKind == JsonValueKind.Object ? new BatchAnswer(BatchState.Found, body.Clone())
                : BatchAnswer.Invalid,
            HttpStatusCode.NotFound => BatchAnswer.NotFound,
            _ => throw GraphFailure.Of(GraphError.Of((int)status, body), need),
        };
    }

    private static HttpStatusCode? StatusOf(JsonElement response) =>
        JsonText.Property(response, "status") is { ValueKind: JsonValueKind.Number } status && status.TryGetInt32(out int code)
            ? (HttpStatusCode)code : null;

    private RequestInformation Request(IReadOnlyList<(string Url, GraphNeed Need)> wanted, IEnumerable<int> indexes)
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
                json.WriteString("method", "GET");
                json.WriteString("url", wanted[index].Url);
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
        request.Headers.Add("Accept", "application/json");
        request.SetStreamContent(new MemoryStream(buffer.WrittenSpan.ToArray()), "application/json");
        return request;
    }

    private static JsonElement.ArrayEnumerator Responses(JsonDocument document) =>
        JsonText.Property(document.RootElement, "responses") is { ValueKind: JsonValueKind.Array } responses
            ? responses.EnumerateArray()
            : throw GraphFailure.Invalid("to a batch has no responses");

    private TimeSpan Wait(JsonElement response, int repeat)
    {
        string? text = JsonText.Property(response, "headers") is { ValueKind: JsonValueKind.Object } headers
            ? headers.EnumerateObject().Where(header => IsRetryAfter(header))
                .Select(header => JsonText.Of(header.Value) ?? Number(header.Value)).FirstOrDefault()
            : null;
        return requests.Gate.WaitFor(RetryConditionHeaderValue.TryParse(text, out RetryConditionHeaderValue? retryAfter) ? retryAfter : null, repeat);
    }

    private static string? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null;

    private static bool IsRetryAfter(JsonProperty header)
    {
        try
        {
            return header.Name.Equals("Retry-After", StringComparison.OrdinalIgnoreCase);
        }
        catch (InvalidOperationException)
        {
            // A name that is not Unicode.
            return false;
        }
    }
}
