using System.Collections;
using System.Management.Automation;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace TravelPerkScim.Benchmarks;

/// <summary>
/// Invoke-RestMethod where pwsh is not installed: the same parameters, one request at a time, its answer as an object. It keeps its
/// connection and sets up nothing for each call, so it is faster than the real one.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "RestMethod")]
public sealed class RestMethodStandIn : PSCmdlet
{
    private static readonly HttpClient s_http = new();

    [Parameter(Mandatory = true)]
    public Uri Uri { get; set; } = null!;

    [Parameter]
    public string Method { get; set; } = "GET";

    [Parameter]
    public IDictionary Headers { get; set; } = new Hashtable();

    [Parameter]
    public string? Body { get; set; }

    [Parameter]
    public string ContentType { get; set; } = "application/json";

    protected override void ProcessRecord()
    {
        using var request = new HttpRequestMessage(new HttpMethod(Method), Uri);
        foreach (DictionaryEntry header in Headers)
            _ = request.Headers.TryAddWithoutValidation((string)header.Key, (string)header.Value!);
        if (Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body))
            {
                Headers = { ContentType = new MediaTypeHeaderValue(ContentType) },
            };
        }
        using HttpResponseMessage response = s_http.Send(request);
        using var text = new StreamReader(response.Content.ReadAsStream());
        string answer = text.ReadToEnd();
        if (!response.IsSuccessStatusCode)
        {
            ThrowTerminatingError(
                new ErrorRecord(new HttpRequestException(answer), "WebCmdletWebResponseException", ErrorCategory.InvalidOperation, request)
            );
        }
        using var json = JsonDocument.Parse(answer);
        WriteObject(ToObject(json.RootElement));
    }

    private static object? ToObject(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => Properties(element),
            JsonValueKind.Array => element.EnumerateArray().Select(ToObject).ToArray(),
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number => element.GetInt64(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

    private static PSObject Properties(JsonElement element)
    {
        var result = new PSObject();
        foreach (JsonProperty property in element.EnumerateObject())
            result.Properties.Add(new PSNoteProperty(property.Name, ToObject(property.Value)));
        return result;
    }
}
