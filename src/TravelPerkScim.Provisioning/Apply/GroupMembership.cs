using System.Net;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>Puts members into one group and takes them out, in batches. A batch that the service refuses is halved, so that one bad member
/// does not keep out the others, and a service with a lower limit gets smaller batches.</summary>
internal sealed class GroupMembership(ScimGroups groups, string id)
{
    private int _batch = GroupChange.BatchSize;

    /// <summary>The first refusal of a single member; null when no member was refused.</summary>
    public ScimException? Refused { get; private set; }

    public int RefusedCount { get; private set; }

    public Task AddAsync(IReadOnlyList<string> members, Action<IReadOnlyList<string>> done, CancellationToken cancellationToken) =>
        EachAsync(members, batch => [ScimGroup.AddMembers(batch)], done, cancellationToken);

    public Task RemoveAsync(IReadOnlyList<string> members, Action<IReadOnlyList<string>> done, CancellationToken cancellationToken) =>
        EachAsync(members, batch => [.. batch.Select(ScimGroup.RemoveMember)], done, cancellationToken);

    private async Task EachAsync(
        IReadOnlyList<string> members,
        Func<IReadOnlyList<string>, IReadOnlyList<PatchOperation>> write,
        Action<IReadOnlyList<string>> done,
        CancellationToken cancellationToken
    )
    {
        var open = new Stack<IReadOnlyList<string>>();
        if (members.Count > 0)
            open.Push(members);
        while (open.TryPop(out IReadOnlyList<string>? batch))
        {
            if (batch.Count > _batch)
            {
                open.Push([.. batch.Skip(_batch)]);
                batch = [.. batch.Take(_batch)];
            }
            try
            {
                await SendAsync(write(batch), cancellationToken).ConfigureAwait(false);
                done(batch);
            }
            catch (ScimException e)
                when (batch.Count > 1 && e.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge)
            {
                int half = (batch.Count + 1) / 2;
                if (e.StatusCode == HttpStatusCode.RequestEntityTooLarge)
                    _batch = half;
                open.Push([.. batch.Skip(half)]);
                open.Push([.. batch.Take(half)]);
            }
            catch (ScimException e) when (e.ScimType == "noTarget")
            {
                // The group does not have the member that was to be removed.
                done(batch);
            }
            catch (ScimException e) when (e.StatusCode == HttpStatusCode.BadRequest)
            {
                Refused ??= e;
                RefusedCount++;
            }
        }
    }

    // Adding a member twice, or removing a user who is not a member, changes nothing. After a lost answer the request is sent again without
    // a look-up.
    private async Task SendAsync(IReadOnlyList<PatchOperation> operations, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await groups.PatchAsync(id, operations, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ScimException e) when (e.OutcomeUnknown && attempt < OperationApplier.LostAnswerRetries) { }
        }
    }
}
