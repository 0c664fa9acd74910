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

    /// <summary>Answers in the order of the requests; null where the object does not exist. A throttled request alone is repeated.</summary>
    /// <param name="wanted">Relative URLs that begin with a slash.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="Provisioning.Read.SourceException">One of the answers is another error.</exception>
    public async Task<JsonElement?[]> GetAsync(IReadOnlyList<(string Url, GraphNeed Need)> wanted, CancellationToken cancellationToken)
    {
        var answers = new JsonElement?[wanted.Count];
        var waiting = new Queue<(int Index, int Repeat)>(Enumerable.Range(0, wanted.Count).Select(index => (index, 0)));
        while (waiting.Count > 0)
        {
            Dictionary<int, int> repeats = Enumerable.Range(0, Math.Min(Size, waiting.Count)).Select(_ => waiting.Dequeue()).ToDictionary(one => one.Index, one => one.Repeat);
            using JsonDocument document = await requests.SendAsync(Request(wanted, repeats.Keys), wanted[repeats.Keys.First()].Need, cancellationToken).ConfigureAwait(false);
            foreach (JsonElement response in Responses(document))
            {
                if (!int.TryParse(response.GetProperty("id").GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out int index) || !repeats.Remove(index, out int repeat))
                    throw GraphFailure.Invalid("to a batch holds a stranger");
                int status = response.GetProperty("status").GetInt32();
                JsonElement body = response.TryGetProperty("body", out JsonElement found) ? found : default;
                if (status == 200)
                    answers[index] = body.Clone();
                else if (RepeatHandler.IsPassing((HttpStatusCode)status) && repeat < ThrottleGate.MaxRepeats && Wait(response, repeat) is var wait && wait <= ThrottleGate.LongestWait)
                    Again(index, repeat + 1, wait);
                else if (status != 404)
                    throw GraphFailure.Of(GraphError.Of(status, body), wanted[index].Need);
            }
            if (repeats.Count > 0)
                throw GraphFailure.Invalid("to a batch is not complete");
        }
        return answers;

        void Again(int index, int repeat, TimeSpan wait)
        {
            requests.Gate.Pause(wait);
            waiting.Enqueue((index, repeat));
        }
    }

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
        document.RootElement.TryGetProperty("responses", out JsonElement responses) && responses.ValueKind == JsonValueKind.Array
            ? responses.EnumerateArray()
            : throw GraphFailure.Invalid("to a batch has no responses");

    private TimeSpan Wait(JsonElement response, int repeat)
    {
        string? text = response.TryGetProperty("headers", out JsonElement headers) && headers.ValueKind == JsonValueKind.Object
            ? headers.EnumerateObject().Where(header => header.Name.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)).Select(header => header.Value.ToString()).FirstOrDefault()
            : null;
        return requests.Gate.WaitFor(RetryConditionHeaderValue.TryParse(text, out RetryConditionHeaderValue? retryAfter) ? retryAfter : null, repeat);
    }
}
