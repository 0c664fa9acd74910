using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>Who is assigned to an enterprise application. Changes go out 20 in a request.</summary>
public sealed class ApplicationAssignments(EntraDirectory directory)
{
    /// <summary>Changes that go out in one request.</summary>
    public const int AtOnce = GraphBatch.Size;

    private static readonly GraphNeed s_read = ApplicationNeeds.Read("reading the assignments of the enterprise application");
    private static readonly GraphNeed s_add = new(EntraPermissions.AssignmentsWrite, "the user, the group or the enterprise application")
    {
        Action = "the assignment",
    };
    private static readonly GraphNeed s_remove = new(EntraPermissions.AssignmentsWrite, "the assignment")
    {
        Action = "removing the assignment",
    };
    private static readonly GraphNeed s_users = new(EntraPermissions.Users, "the user") { Action = "looking for the user" };
    private static readonly GraphNeed s_groups = new(EntraPermissions.Groups, "the group") { Action = "looking for the group" };

    private readonly GraphRequests _requests = new(directory);

    /// <summary>Whether an input can be a user: an object id, or a userPrincipalName, which always has an @.</summary>
    public static bool MayBeUser(string input) => IsId(input) || IsUserName(input);

    /// <summary>Whether an input can be a group: an object id, or a display name.</summary>
    public static bool MayBeGroup(string input) => !IsUserName(input);

    /// <summary>The assignments, page by page.</summary>
    /// <exception cref="SourceException">Graph cannot be read.</exception>
    public async IAsyncEnumerable<ApplicationAssignment> ListAsync(
        EntraApplication application,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(application);
        string path = $"servicePrincipals/{application.ObjectId}/appRoleAssignedTo?$top={GraphRequests.PageSize}";
        await foreach (JsonElement item in _requests.ListAsync(path, s_read, cancellationToken).ConfigureAwait(false))
        {
            if (JsonText.NotEmpty(item, "id") is { } id && JsonText.NotEmpty(item, "principalId") is { } principal)
            {
                yield return new ApplicationAssignment(
                    id,
                    principal,
                    JsonText.OrEmpty(item, "principalDisplayName"),
                    JsonText.Of(item, "principalType") ?? "User",
                    JsonText.Of(item, "appRoleId") ?? ApplicationRole.DefaultAccess.Id,
                    JsonText.Time(item, "createdDateTime")
                );
            }
        }
    }

    /// <summary>
    /// The users and groups that the inputs name: by userPrincipalName, display name of a group, or object id. The results are in the order
    /// of the inputs. A name that is not found, or that several groups have, is a failure of that input.
    /// </summary>
    /// <exception cref="SourceException">Graph cannot be asked at all.</exception>
    public async Task<IReadOnlyList<AssignmentChange>> ResolveAsync(IReadOnlyList<string> inputs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        BatchRequest[][] asked = [.. inputs.Select(input => RequestsFor(input.Trim()).ToArray())];
        BatchReply[] replies = await new GraphBatch(_requests)
            .SendAsync([.. asked.SelectMany(requests => requests)], cancellationToken)
            .ConfigureAwait(false);
        var resolved = new List<AssignmentChange>(inputs.Count);
        int next = 0;
        for (int n = 0; n < inputs.Count; n++)
        {
            BatchReply[] own = replies[next..(next + asked[n].Length)];
            resolved.Add(Resolved(inputs[n], [.. asked[n].Select(request => request.Need).Zip(own)]));
            next += own.Length;
        }
        return resolved;
    }

    private static IEnumerable<BatchRequest> RequestsFor(string input)
    {
        if (MayBeUser(input))
            yield return new BatchRequest(Method.GET, $"{GraphRequests.UserPath(input)}?$select=id,userPrincipalName", s_users);
        if (!MayBeGroup(input))
            yield break;
        string name = Uri.EscapeDataString(GraphRequests.Quoted(input));
        string path = IsId(input) ? $"/groups/{input}?" : $"/groups?$filter=displayName eq '{name}'&";
        yield return new BatchRequest(Method.GET, $"{path}$select=id,displayName", s_groups);
    }

    /// <summary>Assigns users and groups. A user or group that has the role already is left as it is.</summary>
    /// <param name="application">The application.</param>
    /// <param name="role">The role.</param>
    /// <param name="wanted">The users and groups, as <see cref="ResolveAsync"/> found them; failures pass through.</param>
    /// <param name="there">The assignments that are known, which save requests. Graph's refusal shows an assignment that is not among
    /// them.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException">Graph cannot be asked at all.</exception>
    public Task<IReadOnlyList<AssignmentChange>> AddAsync(
        EntraApplication application,
        ApplicationRole role,
        IReadOnlyList<AssignmentChange> wanted,
        IReadOnlyCollection<ApplicationAssignment> there,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(role);
        HashSet<string> assigned = [.. there.Where(one => one.IsOf(role)).Select(one => one.PrincipalId)];
        return ChangeAsync(
            wanted,
            s_add,
            principal => assigned.Contains(principal.Id) ? [] : [Assignment(principal)],
            IsThereAlready,
            cancellationToken
        );

        BatchRequest Assignment(AssignmentPrincipal principal) =>
            new(
                Method.POST,
                $"/servicePrincipals/{application.ObjectId}/appRoleAssignedTo",
                s_add,
                new JsonObject
                {
                    ["principalId"] = principal.Id,
                    ["resourceId"] = application.ObjectId,
                    ["appRoleId"] = role.Id,
                }
            );
    }

    /// <summary>Removes assignments of users and groups. A user or group without an assignment is skipped.</summary>
    /// <param name="application">The application.</param>
    /// <param name="role">The role to remove; null for every role.</param>
    /// <param name="wanted">The users and groups, as <see cref="ResolveAsync"/> found them; failures pass through.</param>
    /// <param name="there">The assignments.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException">Graph cannot be asked at all.</exception>
    public Task<IReadOnlyList<AssignmentChange>> RemoveAsync(
        EntraApplication application,
        ApplicationRole? role,
        IReadOnlyList<AssignmentChange> wanted,
        IReadOnlyCollection<ApplicationAssignment> there,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(application);
        ILookup<string, ApplicationAssignment> assigned = there
            .Where(one => role is null || one.IsOf(role))
            .ToLookup(one => one.PrincipalId, StringComparer.OrdinalIgnoreCase);
        return ChangeAsync(
            wanted,
            s_remove,
            principal =>
                assigned[principal.Id]
                    .Select(one => new BatchRequest(
                        Method.DELETE,
                        $"/servicePrincipals/{application.ObjectId}/appRoleAssignedTo/{Uri.EscapeDataString(one.Id)}",
                        s_remove
                    )),
            reply => reply.Status == HttpStatusCode.NotFound,
            cancellationToken
        );
    }

    private async Task<IReadOnlyList<AssignmentChange>> ChangeAsync(
        IReadOnlyList<AssignmentChange> wanted,
        GraphNeed need,
        Func<AssignmentPrincipal, IEnumerable<BatchRequest>> requestsOf,
        Predicate<BatchReply> isDone,
        CancellationToken cancellationToken
    )
    {
        var asked = new List<(int Index, BatchRequest Request)>();
        // The same person twice, by name and by id, is one request.
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (int n = 0; n < wanted.Count; n++)
        {
            if (wanted[n] is { Failure: null, Principal: { } principal } && seen.Add(principal.Id))
                asked.AddRange(requestsOf(principal).Select(request => (n, request)));
        }
        BatchReply[] replies = await new GraphBatch(_requests)
            .SendAsync([.. asked.Select(one => one.Request)], cancellationToken)
            .ConfigureAwait(false);
        AssignmentChange[] changes = wanted.ToArray();
        for (int n = 0; n < replies.Length; n++)
        {
            int index = asked[n].Index;
            if (replies[n].IsGood)
                changes[index] = changes[index] with { Changed = true };
            else if (!isDone(replies[n]))
                changes[index] = changes[index] with { Failure = replies[n].Failure(need) };
        }
        return changes;
    }

    // Graph: 400 Request_BadRequest, "Permission being assigned already exists on the object".
    private static bool IsThereAlready(BatchReply reply) =>
        reply.Status is HttpStatusCode.BadRequest or HttpStatusCode.Conflict
        && JsonText
            .OrEmpty(JsonText.Property(reply.Body, "error"), "message")
            .Contains("already exists", StringComparison.OrdinalIgnoreCase);

    private static AssignmentChange Resolved(string input, (GraphNeed Need, BatchReply Reply)[] answers)
    {
        AssignmentPrincipal[] found =
        [
            .. answers.Where(answer => answer.Reply.IsGood).SelectMany(answer => Principals(answer.Reply.Body, answer.Need == s_groups)),
        ];
        return found.Length switch
        {
            0 => new AssignmentChange(input, null, false, FailureOf(answers) ?? NotFound(input)),
            1 => new AssignmentChange(input, found[0], false),
            _ => new AssignmentChange(input, null, false, Ambiguous(input, found)),
        };
    }

    private static SourceException Ambiguous(string input, AssignmentPrincipal[] found)
    {
        string ids = string.Join(", ", found.Select(one => one.Id));
        return new SourceException(
            "EntraPrincipalAmbiguous",
            $"{found.Length} groups are called '{input}'. Give the object id of one: {ids}."
        );
    }

    // Null when every answer is "not found".
    private static SourceException? FailureOf((GraphNeed Need, BatchReply Reply)[] answers)
    {
        (GraphNeed Need, BatchReply Reply) failed = answers.FirstOrDefault(answer =>
            !answer.Reply.IsGood && answer.Reply.Status != HttpStatusCode.NotFound
        );
        return failed.Need is null ? null : failed.Reply.Failure(failed.Need);
    }

    private static SourceException NotFound(string input)
    {
        string kind = MayBeUser(input) ? "user" : "group";
        if (IsId(input))
            kind = "user or group";
        return new SourceException(
            "EntraPrincipalNotFound",
            $"The tenant has no {kind} '{input}'. " + "Give the userPrincipalName of a user, the display name of a group, or an object id."
        );
    }

    private static IEnumerable<AssignmentPrincipal> Principals(JsonElement body, bool groups)
    {
        JsonElement[] items = JsonText.Property(body, "value") is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray()]
            : [body];
        return items
            .Where(item => JsonText.NotEmpty(item, "id") is not null)
            .Select(item => new AssignmentPrincipal(
                JsonText.Of(item, "id")!,
                JsonText.OrEmpty(item, groups ? "displayName" : "userPrincipalName"),
                groups
            ));
    }

    private static bool IsId(string input) => Guid.TryParseExact(input.Trim(), "D", out _);

    private static bool IsUserName(string input) => !IsId(input) && input.Contains('@', StringComparison.Ordinal);
}
