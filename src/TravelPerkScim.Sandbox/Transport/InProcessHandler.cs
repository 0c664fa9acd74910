using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Service;

namespace TravelPerkScim.Sandbox.Transport;

/// <summary>The same server without a socket: for simulations, where time and interleaving must not depend on the machine.</summary>
internal sealed class InProcessHandler(SandboxService service) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        byte[] body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        SandboxRequest asked = new(request.Method.Method, request.RequestUri!.PathAndQuery, name => Header(request, name), body);
        SandboxResponse response = await service.HandleAsync(asked, cancellationToken).ConfigureAwait(false);
        if (response.Aborted)
        {
            throw new HttpRequestException(
                HttpRequestError.ResponseEnded,
                "An error occurred while sending the request.",
                new IOException("The response ended prematurely.")
            );
        }
        return new HttpResponseMessage(response.Status)
        {
            RequestMessage = request,
            Content = await ContentAsync(asked, response, cancellationToken).ConfigureAwait(false),
        }.WithHeaders(response);
    }

    private static string? Header(HttpRequestMessage request, string name)
    {
        bool found =
            request.Headers.TryGetValues(name, out IEnumerable<string>? values)
            || request.Content?.Headers.TryGetValues(name, out values) == true;
        return found ? string.Join(", ", values!) : null;
    }

    private static async Task<StreamContent> ContentAsync(
        SandboxRequest request,
        SandboxResponse response,
        CancellationToken cancellationToken
    )
    {
        MemoryStream body = new();
        if (!request.IsHead)
            await response.WriteBodyAsync(body, cancellationToken).ConfigureAwait(false);
        body.Position = 0;
        return new StreamContent(body);
    }
}

internal static class InProcessResponse
{
    public static HttpResponseMessage WithHeaders(this HttpResponseMessage message, SandboxResponse response)
    {
        if (response.ContentType is not null)
            _ = message.Content.Headers.TryAddWithoutValidation("Content-Type", response.ContentType);
        message.Content.Headers.ContentLength = response.Length;
        foreach ((string name, string value) in response.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                _ = message.Content.Headers.TryAddWithoutValidation(name, value);
        }
        return message;
    }
}
