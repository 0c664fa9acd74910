using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TravelPerkScim.Worker.Status;

/// <summary>The answer to a probe: one word for all, and one a job.</summary>
internal static class HealthAnswer
{
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        var answer = new
        {
            Status = report.Status.ToString(),
            Jobs = report.Entries.Values.SelectMany(entry => entry.Data).ToDictionary(job => job.Key, job => job.Value.ToString()),
        };
        return context.Response.WriteAsync(JsonSerializer.Serialize(answer, JsonSerializerOptions.Web) + "\n", context.RequestAborted);
    }
}
