using System.Net;
using TravelPerkScim.Worker.Settings;

namespace TravelPerkScim.Worker.Status;

/// <summary>Who may ask for what: GET and HEAD, under an address or a known name. A page of another site that had its name point here would
/// ask under that name.</summary>
internal sealed class RequestRules(WorkerOptions options)
{
    /// <summary>Refuses what breaks the rules.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        context.Response.Headers.CacheControl = "no-store";
        if (!IsKnown(context.Request.Host.Host))
        {
            return Refuse(
                context,
                StatusCodes.Status421MisdirectedRequest,
                "This host name is not known here. Start the worker with --allow-host."
            );
        }
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return Refuse(context, StatusCodes.Status405MethodNotAllowed, "There is nothing to change here.");
        }
        return next(context);
    }

    private bool IsKnown(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host.Trim('[', ']'), out _)
        || options.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private static Task Refuse(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(why + "\n", context.RequestAborted);
    }
}
