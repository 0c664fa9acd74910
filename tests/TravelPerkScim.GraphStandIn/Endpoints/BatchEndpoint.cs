using System.Text.Json;
using TravelPerkScim.GraphStandIn.Protocol;

namespace TravelPerkScim.GraphStandIn.Endpoints;

/// <summary>$batch: at most 20 requests, answered in any order.</summary>
internal static class BatchEndpoint
{
    private const int MaxRequests = 20;

    public static GraphResponse Answer(GraphRequest batch, Func<GraphRequest, GraphResponse> dispatch)
    {
        using var document = JsonDocument.Parse(batch.Body);
        JsonElement[] requests = [.. document.RootElement.GetProperty("requests").EnumerateArray()];
        if (requests.Length > MaxRequests)
            return GraphResponse.Error(400, "BadRequest", "Number of batch request steps exceeds the maximum value of 20.");
        return GraphWriter.Object(json =>
        {
            json.WriteStartArray("responses");
            // Graph promises no order.
            foreach (JsonElement request in Enumerable.Reverse(requests))
            {
                GraphResponse answer = dispatch(
                    GraphRequest.Parse(
                        request.GetProperty("method").GetString()!,
                        request.GetProperty("url").GetString()!,
                        HeadersOf(request, batch),
                        request.TryGetProperty("body", out JsonElement body) ? JsonSerializer.SerializeToUtf8Bytes(body) : [],
                        inBatch: true
                    )
                );
                json.WriteStartObject();
                json.WriteString("id", request.GetProperty("id").GetString());
                json.WriteNumber("status", answer.Status);
                json.WriteStartObject("headers");
                json.WriteString("Content-Type", "application/json");
                foreach ((string name, string value) in answer.Headers)
                    json.WriteString(name, value);
                json.WriteEndObject();
                if (!answer.Body.IsEmpty)
                {
                    json.WritePropertyName("body");
                    json.WriteRawValue(answer.Body.Span);
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }

    // A request of a batch has its own headers, and the batch's token.
    private static Dictionary<string, string> HeadersOf(JsonElement request, GraphRequest batch)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (batch.Headers.TryGetValue("Authorization", out string? token))
            headers["Authorization"] = token;
        if (request.TryGetProperty("headers", out JsonElement own))
        {
            foreach (JsonProperty header in own.EnumerateObject())
                headers[header.Name] = header.Value.GetString()!;
        }
        return headers;
    }
}
