using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Client.Rate;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;
using static TravelPerkScim.PowerShell.Discovery.ConnectionCheckOutcome;

namespace TravelPerkScim.PowerShell.Discovery;

/// <summary>The checks of Test-ScimConnection -Detailed, in order: about ten requests, none of which writes.</summary>
internal sealed class ConnectionTest(ScimClient client, ServerSigns signs, SynchronizationSchema mapping, TimeProvider time)
{
    private const string MatchingByPages =
        "Users are matched by reading all pages instead, which costs more requests. Ask TravelPerk's support about filters.";

    private const string MatchingByFilters =
        "Each user is matched by a filter instead, and -Reconcile does not name users who are in TravelPerk alone. "
        + "Ask TravelPerk's support about startIndex.";

    private const string ReadingInRanges =
        "Lists are read as one large page or by ranges of id or userName instead, which costs more requests. "
        + "Ask TravelPerk's support about startIndex.";

    /// <summary>A list is readable when this many pages could be read.</summary>
    private const int ManyPages = 50;

    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(5);

    private IReadOnlyList<JsonObject>? _schemas;
    private ScimUser? _sampleUser;

    private delegate Task<Finding> Check(CancellationToken cancellationToken);

    public async IAsyncEnumerable<ConnectionCheck> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ConnectionCheck authentication = await TryAsync(
                "Authentication",
                Failed,
                token => QueryUnknownUserAsync(client, token),
                cancellationToken
            )
            .ConfigureAwait(false);
        yield return authentication;
        foreach ((string name, ConnectionCheckOutcome onFailure, Check check) in RemoteChecks())
        {
            yield return authentication.Outcome == Failed
                ? new ConnectionCheck(name, Skipped, TimeSpan.Zero, "Not tried, because the check Authentication failed.", null)
                : await TryAsync(name, onFailure, check, cancellationToken).ConfigureAwait(false);
        }

        yield return await TryAsync("Clock", Warning, _ => Task.FromResult(CheckClock()), cancellationToken).ConfigureAwait(false);
        yield return await TryAsync("Rate limit", Warning, _ => Task.FromResult(CheckRate()), cancellationToken).ConfigureAwait(false);
        yield return await TryAsync("Dialect", Warning, _ => Task.FromResult(DialectText.Describe(client.Dialect)), cancellationToken)
            .ConfigureAwait(false);
    }

    private IEnumerable<(string Name, ConnectionCheckOutcome OnFailure, Check Check)> RemoteChecks() =>
        [
            ("Service configuration", Warning, ReadConfigurationAsync),
            ("Resource types", Warning, ReadResourceTypesAsync),
            ("Schemas", Warning, ReadSchemasAsync),
            ("Paging", Failed, ReadPagesAsync),
            ("Filter on userName", Warning, FilterOnUserNameAsync),
            ("Filter on externalId", Warning, FilterOnExternalIdAsync),
            ("Mapping", Failed, _ => Task.FromResult(CheckMapping())),
        ];

    /// <summary>The query of Entra's Test Connection: a user who cannot exist.</summary>
    public static async Task<Finding> QueryUnknownUserAsync(ScimClient client, CancellationToken cancellationToken)
    {
        var unknownUser = ScimFilter.Equal("userName", Guid.NewGuid().ToString());
        await foreach (ScimPage page in client.ReadPagesAsync(unknownUser, cancellationToken).ConfigureAwait(false))
        {
            if (page.Users.Count > 0)
            {
                client.Learn(new ScimDialect { ExactFilter = false });
                return new Finding(Warning, "Signed in. The service answered users to a filter that matches no user.", MatchingByPages);
            }
            break;
        }

        return new Finding(Passed, "Signed in. A query for a user who does not exist was answered with an empty list.");
    }

    private async Task<Finding> ReadConfigurationAsync(CancellationToken cancellationToken)
    {
        var read = new ScimServiceProviderConfig(await client.GetServiceProviderConfigAsync(cancellationToken).ConfigureAwait(false));
        string message = $"Patch {OnOff(read.Patch)}, filter {OnOff(read.Filter)}, bulk {OnOff(read.Bulk)}.";
        return read is { Patch: true, Filter: true }
            ? new Finding(Passed, message)
            : new Finding(
                Warning,
                message,
                "Changes are sent with PATCH and users are matched with filters all the same. " + "If they fail, ask TravelPerk's support."
            );
    }

    private async Task<Finding> ReadResourceTypesAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<JsonObject> types = await client.GetResourceTypesAsync(cancellationToken).ConfigureAwait(false);
        string[] names = [.. types.Select(type => Json.Text(type, "name")).OfType<string>()];
        string groups = names.Contains("Group", StringComparer.OrdinalIgnoreCase)
            ? "Groups can be provisioned."
            : "Groups are not offered; of a group in scope, its members are provisioned.";
        return names.Contains("User", StringComparer.OrdinalIgnoreCase)
            ? new Finding(Passed, $"{string.Join(", ", names)}. {groups}")
            : new Finding(Warning, $"User is not among the resource types. {groups}", "Check that the base address is the SCIM root.");
    }

    private async Task<Finding> ReadSchemasAsync(CancellationToken cancellationToken)
    {
        _schemas = await client.GetSchemasAsync(cancellationToken).ConfigureAwait(false);
        return new Finding(Passed, Text($"{_schemas.Count} schemas, {SchemaReader.Read(_schemas).Count} attributes."));
    }

    private async Task<Finding> ReadPagesAsync(CancellationToken cancellationToken)
    {
        List<ScimPage> pages = [];
        ScimException? unreadable = await CollectPagesAsync(pages, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<ScimUser> users = pages[0].Users;
        _sampleUser =
            users.FirstOrDefault(user => user is { UserName: not null, ExternalId: not null })
            ?? users.FirstOrDefault(user => user.UserName is not null);
        return unreadable is null ? DescribePages(pages) : new Finding(Failed, unreadable.Message, MatchingByFilters);
    }

    /// <returns>Why the list cannot be read; null when it can.</returns>
    private async Task<ScimException?> CollectPagesAsync(List<ScimPage> pages, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (ScimPage page in client.ReadPagesAsync(null, cancellationToken).ConfigureAwait(false))
            {
                pages.Add(page);
                // Two pages are enough, unless the list must be read in another way.
                if (pages.Count == (client.Dialect.StartIndex == false ? ManyPages : 2))
                    break;
            }
            return null;
        }
        catch (ScimException e) when (pages.Count > 0 && e.Kind == ScimFailure.IncompleteList)
        {
            return e;
        }
    }

    private Finding DescribePages(List<ScimPage> pages)
    {
        ScimPage first = pages[0];
        string cap = client.Dialect.PageCap is { } most ? Text($", at most {most} on a page") : "";
        bool miscounted = pages.Count > 1 && first.TotalResults <= first.Users.Count;
        string message = miscounted
            ? Text($"More than {first.TotalResults} users{cap}. totalResults is not the number of users: more came.")
            : Text($"{first.TotalResults} users{cap}.");
        if (client.Dialect.StartIndex == false)
            return new Finding(Warning, $"{message} startIndex is ignored.", ReadingInRanges);
        if (miscounted)
            return new Finding(Warning, message, "Pages are read until no new user comes. There is nothing to do.");
        return new Finding(
            Passed,
            pages.Count > 1 ? $"{message} startIndex is honoured." : $"{message} They fit on one page, so startIndex was not tried."
        );
    }

    private async Task<Finding> FilterOnUserNameAsync(CancellationToken cancellationToken)
    {
        if (_sampleUser?.UserName is not { } name)
            return new Finding(Skipped, "There is no user to look for.");
        if (!await FindsAsync(UserNameFilter(name), cancellationToken).ConfigureAwait(false))
        {
            client.Learn(new ScimDialect { UserNameFilter = Scim.Dialect.UserNameFilter.Misses });
            return new Finding(Warning, "A user who is there was not found by userName.", MatchingByPages);
        }
        bool exact = await IsExactAsync(name, cancellationToken).ConfigureAwait(false);
        client.Learn(new ScimDialect { ExactFilter = exact });
        if (!exact)
            return new Finding(Warning, "A filter on userName finds users who were not asked for.", MatchingByPages);
        if (await IgnoresCaseAsync(name, cancellationToken).ConfigureAwait(false))
            return new Finding(Passed, "A user was found by userName, whatever its case.");
        client.Learn(new ScimDialect { UserNameFilter = Scim.Dialect.UserNameFilter.CaseSensitive });
        return new Finding(Warning, "A user is found by userName only in the exact case.", MatchingByPages);
    }

    // A filter on a part of a userName must find no user.
    private async Task<bool> IsExactAsync(string name, CancellationToken cancellationToken)
    {
        if (client.Dialect.ExactFilter == false)
            return false;
        return name.Length <= 1 || !await FindsAsync(UserNameFilter(name[1..]), cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> IgnoresCaseAsync(string name, CancellationToken cancellationToken)
    {
        string swapped = string.Concat(name.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)));
        return swapped == name || await FindsAsync(UserNameFilter(swapped), cancellationToken).ConfigureAwait(false);
    }

    private async Task<Finding> FilterOnExternalIdAsync(CancellationToken cancellationToken)
    {
        string id = _sampleUser?.ExternalId ?? Guid.NewGuid().ToString();
        try
        {
            bool found = await FindsAsync(ScimFilter.Equal("externalId", id), cancellationToken).ConfigureAwait(false);
            client.Learn(new ScimDialect { ExternalIdFilter = true });
            if (found)
                return new Finding(Passed, "A user was found by externalId.");
            return _sampleUser?.ExternalId is null
                ? new Finding(Passed, "The filter was accepted; no user has an externalId to look for.")
                : new Finding(Warning, "A user who is there was not found by externalId.", "Match users by userName.");
        }
        catch (ScimException e) when (e.Kind is ScimFailure.Refused or ScimFailure.NotSupported)
        {
            client.Learn(new ScimDialect { ExternalIdFilter = false });
            return new Finding(
                Warning,
                "A filter on externalId is refused.",
                "Match users by userName; where a mapping matches by externalId, all pages are read instead."
            );
        }
    }

    private Finding CheckMapping()
    {
        MappingFinding[] findings =
        [
            .. MappingTest
                .Run(mapping, _schemas is null ? null : SchemaReader.Read(_schemas))
                .Where(finding => finding.Severity > MappingFindingSeverity.Information),
        ];
        if (findings.Length == 0)
        {
            string known = _schemas is null ? "" : ", all known to the service";
            return new Finding(Passed, Text($"{mapping.UserMapping.AttributeMappings.Count} mapped attributes{known}."));
        }
        ConnectionCheckOutcome outcome = findings.Any(finding => finding.Severity == MappingFindingSeverity.Error) ? Failed : Warning;
        return new Finding(
            outcome,
            string.Join(" ", findings.Take(3).Select(finding => $"{finding.TargetAttribute}: {finding.Message}")),
            Text($"{findings.Length} findings; Test-ScimMapping -Discover lists them.")
        );
    }

    private Finding CheckClock() =>
        signs.ClockSkew switch
        {
            null => new Finding(Skipped, "The service does not send its time."),
            { } skew when skew.Duration() > s_tolerance => new Finding(
                Warning,
                Text($"The service's clock is {skew.TotalSeconds:+0;-0} s from this machine's."),
                "Set this machine's clock. Tokens, certificates and pauses that the service asks for depend on it."
            ),
            { } skew => new Finding(Passed, Text($"The service's clock is {skew.TotalSeconds:+0;-0;0} s from this machine's.")),
        };

    private Finding CheckRate()
    {
        ScimRate rate = client.Rate;
        string headers = signs.Limits.Count == 0 ? "No header names a limit." : string.Join("; ", signs.Limits) + ".";
        return rate.TooManyRequests == 0
            ? new Finding(Passed, headers)
            : new Finding(
                Warning,
                Text($"{headers} {rate.TooManyRequests} of {rate.Requests} requests were refused with 429."),
                "Requests are slowed down to what the service accepts. See whether other programs use the same limit."
            );
    }

    private async Task<bool> FindsAsync(ScimFilter filter, CancellationToken cancellationToken)
    {
        await foreach (ScimPage page in client.ReadPagesAsync(filter, cancellationToken).ConfigureAwait(false))
            return page.Users.Any(user => user.Id == _sampleUser?.Id);
        return false;
    }

    private async Task<ConnectionCheck> TryAsync(
        string name,
        ConnectionCheckOutcome onFailure,
        Check check,
        CancellationToken cancellationToken
    )
    {
        long started = time.GetTimestamp();
        try
        {
            Finding found = await check(cancellationToken).ConfigureAwait(false);
            return new ConnectionCheck(name, found.Outcome, time.GetElapsedTime(started), found.Message, found.Advice);
        }
        catch (Exception exception) when (ErrorRecords.IsOurs(exception))
        {
            string advice =
                name == "Authentication"
                    ? "Correct the cause that the message names, then run Connect-TravelPerk again."
                    : "Check that the base address is the SCIM root; if it is, ask TravelPerk's support.";
            return new ConnectionCheck(name, onFailure, time.GetElapsedTime(started), exception.Message, advice);
        }
    }

    private static ScimFilter UserNameFilter(string name) => ScimFilter.Equal("userName", name);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string OnOff(bool value) => value ? "on" : "off";
}

/// <summary>The result of one check.</summary>
internal sealed record Finding(ConnectionCheckOutcome Outcome, string Message, string? Advice = null);
