using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>The entries of a log that are asked for. A property that is null asks for every entry.</summary>
public sealed record HostedLogQuery
{
    /// <summary>From this time on.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>How the operation ended.</summary>
    public IReadOnlyCollection<OutcomeStatus>? Status { get; init; }

    /// <summary>The action.</summary>
    public IReadOnlyCollection<ProvisioningAction>? Action { get; init; }

    /// <summary>The user: an object id, a userPrincipalName, a name that the log shows, or a TravelPerk id.</summary>
    public string? User { get; init; }
}

/// <summary>
/// Reads the log of the provisioning service (Graph auditLogs/provisioning): 30 days of it with Entra ID P1 or P2, 7 without. At most 5
/// requests in 10 seconds, each of up to 500 entries.
/// </summary>
/// <remarks>
/// Graph compares with regard to case and knows few filters ("List provisioningObjectSummary"). The filters that it surely knows are sent.
/// Every condition is checked again here.
/// </remarks>
public sealed class HostedLog(EntraDirectory directory)
{
    private const int PageSize = 500;

    private static readonly Dictionary<OutcomeStatus, string> s_results = new()
    {
        [OutcomeStatus.Failure] = "failure",
        [OutcomeStatus.Skipped] = "skipped",
    };

    private readonly GraphRequests _requests = new(directory);
    private readonly RequestPace _pace = RequestPace.FiveInTenSeconds(directory.Options.TimeProvider);

    /// <summary>The entries about an application, oldest first.</summary>
    /// <param name="application">Object id of its service principal.</param>
    /// <param name="job">The job's id; null for every job of the application.</param>
    /// <param name="query">Which entries.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException"><c>EntraPermissionMissing</c>, or Graph cannot be read.</exception>
    public async IAsyncEnumerable<ProvisioningOutcome> ReadAsync(
        string application,
        string? job,
        HostedLogQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        var pages = new PageCount(directory.Options.Bounds);
        string filter = Uri.EscapeDataString(Filter(application, query));
        string first = $"auditLogs/provisioning?$top={PageSize}&$orderby=activityDateTime&$filter={filter}";
        for (string? link = null, next = first; next is not null; next = link)
        {
            await _pace.NextAsync(cancellationToken).ConfigureAwait(false);
            using JsonDocument page = await PageAsync(next, isFirst: link is null, cancellationToken).ConfigureAwait(false);
            JsonElement[] entries = [.. JsonText.Items(page.RootElement, "value")];
            foreach (JsonElement entry in entries)
            {
                if (job is not null && JsonText.Of(entry, "jobId") is { } other && other != job)
                    continue;
                ProvisioningOutcome outcome = HostedOutcomes.Read(entry, default, null, DateTimeOffset.MinValue);
                if (IsAsked(outcome, query))
                    yield return outcome;
            }
            link = JsonText.Of(page.RootElement, "@odata.nextLink");
            if (link is not null)
                pages.Count(new Uri(link), isEmpty: entries.Length == 0);
        }
    }

    private Task<JsonDocument> PageAsync(string path, bool isFirst, CancellationToken cancellationToken) =>
        isFirst
            ? _requests.GetAsync(path, HostedNeeds.Log, cancellationToken)
            : _requests.SendAsync(_requests.ToLink(path), HostedNeeds.Log, cancellationToken);

    private static string Filter(string application, HostedLogQuery query)
    {
        var parts = new List<string>();
        if (query.Since is { } since && since > DateTimeOffset.UnixEpoch)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"activityDateTime ge {since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"));
        parts.Add($"contains(tolower(servicePrincipal/id),'{GraphRequests.Quoted(application.ToLowerInvariant())}')");
        if (ResultOf(query.Status) is { } result)
            parts.Add($"provisioningStatusInfo/status eq microsoft.graph.provisioningResult'{result}'");
        if (Guid.TryParse(query.User, out Guid user))
            parts.Add($"sourceIdentity/id eq '{user:D}'");
        return string.Join(" and ", parts);
    }

    // One status only, because Graph documents no "or" here. A warning counts as success, and a staged operation has a status of its own.
    private static string? ResultOf(IReadOnlyCollection<OutcomeStatus>? status) =>
        status is { Count: 1 } ? s_results.GetValueOrDefault(status.Single()) : null;

    private static bool IsAsked(ProvisioningOutcome outcome, HostedLogQuery query)
    {
        if (outcome.Time < query.Since || !Allows(query.Status, outcome.Status) || !Allows(query.Action, outcome.Action))
            return false;
        return query.User is null || IsAbout(outcome, query.User);
    }

    private static bool Allows<T>(IReadOnlyCollection<T>? asked, T value) => asked?.Contains(value) is not false;

    private static bool IsAbout(ProvisioningOutcome outcome, string user) =>
        Same(outcome.Identity, user) || Same(outcome.SourceId, user) || outcome.TargetId == user;

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
