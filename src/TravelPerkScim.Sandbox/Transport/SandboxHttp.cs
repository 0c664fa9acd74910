using System.Net;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Service;

namespace TravelPerkScim.Sandbox.Transport;

/// <summary>The sandbox's requests and answers on HttpListener.</summary>
internal static class SandboxHttp
{
    /// <summary>Reads one request, has the service answer it and writes the answer.</summary>
    public static async Task AnswerAsync(SandboxService service, HttpListenerContext context, CancellationToken stopping)
    {
        try
        {
            SandboxRequest request = await ReadAsync(context.Request, stopping).ConfigureAwait(false);
            SandboxResponse response = await service.HandleAsync(request, stopping).ConfigureAwait(false);
            if (response.Aborted)
                Cut(context.Response);
            else
                await WriteAsync(context.Response, request.IsHead, response, stopping).ConfigureAwait(false);
        }
        catch (Exception error)
            when (error
                    is OperationCanceledException
                        or IOException
                        or HttpListenerException
                        or ObjectDisposedException
                        or InvalidOperationException
            )
        {
            // The client left or the sandbox stops: the answer has no receiver.
            Cut(context.Response);
        }
    }

    /// <summary>
    /// Closes the connection without an answer. Outside Windows, HttpListener sends its status line even when aborting: an
    /// interim one (RFC 9110 section 15.2) is no answer, and after it the client meets the end of the connection.
    /// </summary>
    private static void Cut(HttpListenerResponse response)
    {
        try
        {
            response.StatusCode = (int)HttpStatusCode.Continue;
            response.ContentLength64 = 0;
        }
        catch (InvalidOperationException)
        {
            // Part of the answer is out already (or the response is disposed): cutting it there is what is wanted.
        }
        response.Abort();
    }

    private static async Task<SandboxRequest> ReadAsync(HttpListenerRequest request, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = default;
        if (request.HasEntityBody)
        {
            using MemoryStream buffer = new();
            byte[] chunk = new byte[8192];
            // One byte past the limit is enough for the service to refuse it.
            while (buffer.Length <= SandboxRequest.MaxBodyBytes)
            {
                int read = await request.InputStream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    break;
                buffer.Write(chunk, 0, read);
            }
            body = buffer.ToArray();
        }
        return new SandboxRequest(request.HttpMethod, request.RawUrl ?? "/", name => request.Headers[name], body);
    }

    private static async Task WriteAsync(
        HttpListenerResponse target,
        bool isHead,
        SandboxResponse response,
        CancellationToken cancellationToken
    )
    {
        target.StatusCode = (int)response.Status;
        foreach ((string name, string value) in response.Headers)
            target.AppendHeader(name, value);
        if (response.ContentType is not null)
            target.ContentType = response.ContentType;
        target.ContentLength64 = response.Length;
        if (response.Length > 0 && !isHead)
            await response.WriteBodyAsync(target.OutputStream, cancellationToken).ConfigureAwait(false);
        target.Close();
    }
}
