using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>The mapping of a hosted job: Graph's synchronizationSchema, read and replaced as a whole.</summary>
public sealed class HostedSchemas(EntraDirectory directory)
{
    // Members that only this module uses; Entra does not know them.
    private const string OwnAnnotation = "@travelPerkScim.";

    // Each call of an expression is three levels of JSON, and an expression can be nested deeply.
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 512 };

    private readonly GraphRequests _requests = new(directory);

    /// <summary>The job's schema as JSON.</summary>
    /// <exception cref="SourceException"><c>EntraPermissionMissing</c>, or Graph cannot be read.</exception>
    public Task<string> ReadAsync(HostedJob job, CancellationToken cancellationToken) =>
        TextAsync($"{HostedJobs.PathOf(job)}/schema", cancellationToken);

    /// <summary>The schema of the template that the job was made from: what a reset goes back to.</summary>
    /// <exception cref="SourceException"><c>EntraTemplateMissing</c>, <c>EntraPermissionMissing</c>, or Graph cannot be read.</exception>
    public Task<string> ReadDefaultAsync(HostedJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.Template is { } template
            ? TextAsync($"{HostedJobs.Root(job.ApplicationId)}/templates/{Uri.EscapeDataString(template)}/schema", cancellationToken)
            : throw new SourceException(
                "EntraTemplateMissing",
                $"The hosted job of '{job.Application}' does not say which template it was made from."
            );
    }

    /// <summary>Replaces the job's schema as a whole (Graph has no change of a part).</summary>
    /// <param name="job">The job.</param>
    /// <param name="json">The schema. The job keeps its own id and version.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>Whether anything was written: false when the job has this schema.</returns>
    /// <exception cref="SourceException">Graph refuses; the job keeps its schema.</exception>
    public async Task<bool> WriteAsync(HostedJob job, string json, CancellationToken cancellationToken)
    {
        JsonObject now = Parse(await ReadAsync(job, cancellationToken).ConfigureAwait(false)),
            wanted = Parse(json);
        Strip(wanted);
        foreach (string own in new[] { "id", "version" })
        {
            if (now[own] is { } value)
                wanted[own] = value.DeepClone();
        }
        if (JsonNode.DeepEquals(now, wanted))
            return false;
        await _requests
            .ChangeAsync(
                Method.PUT,
                $"{HostedJobs.PathOf(job)}/schema",
                wanted,
                HostedNeeds.Write("replacing the mapping of"),
                cancellationToken
            )
            .ConfigureAwait(false);
        return true;
    }

    /// <summary>Removes the job's own schema, so that the template's schema counts again.</summary>
    public Task ResetAsync(HostedJob job, CancellationToken cancellationToken) =>
        _requests.ChangeAsync(
            Method.DELETE,
            $"{HostedJobs.PathOf(job)}/schema",
            null,
            HostedNeeds.Write("resetting the mapping of"),
            cancellationToken
        );

    private async Task<string> TextAsync(string path, CancellationToken cancellationToken)
    {
        using JsonDocument? schema = await _requests
            .SendAsync(Method.GET, path, null, HostedNeeds.Read, cancellationToken)
            .ConfigureAwait(false);
        if (schema is not { RootElement.ValueKind: JsonValueKind.Object })
            throw GraphFailure.Invalid("is no synchronization schema");
        JsonObject whole = Parse(schema.RootElement.GetRawText());
        // The answer's annotations are no part of the schema.
        Remove(whole, "@odata.");
        return whole.ToJsonString();
    }

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json, documentOptions: s_deep)!;

    private static void Remove(JsonObject members, string prefix)
    {
        string[] names = [.. members.Select(member => member.Key).Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];
        foreach (string name in names)
            members.Remove(name);
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            Remove(members, OwnAnnotation);
            foreach ((_, JsonNode? member) in members)
                Strip(member);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                Strip(item);
        }
    }
}
