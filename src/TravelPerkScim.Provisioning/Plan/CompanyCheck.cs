using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>
/// Stops a plan whose linked users are not there: all companies have one address, so only the users tell that a key belongs to another one.
/// Links that lead nowhere count like departures;
/// where they are few, a sample of other linked users tells.
/// </summary>
internal sealed class CompanyCheck(JobSettings settings, StateSnapshot snapshot, LinkCheck check, ScimClient client)
{
    private const int SampleSize = 8;

    /// <summary>Where there is no other linked user to look at: one user may have been deleted by hand, and that all of several were is no
    /// chance.</summary>
    private const int Several = 2;

    // A user whom an earlier cycle may have deleted, without reading the answer, tells nothing of the company.
    private readonly HashSet<string> _deleted =
    [
        .. snapshot.Intents.Where(intent => intent.Value.Action == ProvisioningAction.Delete).Select(intent => intent.Key),
    ];

    /// <summary>Before a plan that looked at no linked user is carried out: one linked user who is there vouches for the company.</summary>
    private async Task EnsureKnownAsync(CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, Link>> sample = SampleWithout([]);
        // A job whose users are all disabled knows its company by them. A service may hide one of them.
        List<KeyValuePair<string, Link>> all = [.. snapshot.Links.Where(link => !_deleted.Contains(link.Key)).Take(SampleSize)];
        if (sample.Count == 0 && all.Count > 1)
            sample = all;
        int absent = await CountAbsentAsync(sample, untilOneIsThere: true, cancellationToken).ConfigureAwait(false);
        if (absent > 0 && absent == sample.Count)
        {
            throw Another(
                absent == 1
                    ? "the linked user is not there, or is another person"
                    : $"none of {absent} linked users is there, or they are other people"
            );
        }
    }

    /// <param name="looked">Anchors of linked users whom the plan looked at.</param>
    /// <param name="missing">Of those, the ones whose link leads to no user or to another person.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <exception cref="ProvisioningException"><c>TargetIsAnother</c>.</exception>
    public async Task EnsureAsync(IEnumerable<string> looked, IEnumerable<string> missing, CancellationToken cancellationToken)
    {
        HashSet<string> telling = [.. looked.Except(_deleted)];
        int absent = missing.Except(_deleted).Count();
        if (telling.Count == 0)
            await EnsureKnownAsync(cancellationToken).ConfigureAwait(false);
        else if (absent > 0)
            await EnsureAsync(telling, absent, cancellationToken).ConfigureAwait(false);
    }

    private async Task EnsureAsync(HashSet<string> looked, int missing, CancellationToken cancellationToken)
    {
        string seen = $"{missing} of the {looked.Count} linked users that this cycle looked at are not there, or are other people";
        if (settings.IsOverThreshold(missing, looked.Count))
            throw Another(seen);
        (int absent, int others) = await LookAtOthersAsync(looked, cancellationToken).ConfigureAwait(false);
        if (absent * 2 > others)
            throw Another($"{seen}, and so are {absent} of {others} others");
        if (others == 0 && missing >= Several && missing == looked.Count)
            throw Another($"none of the {looked.Count} linked users is there");
    }

    /// <param name="missing">Linked groups that are not there.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <exception cref="ProvisioningException"><c>TargetIsAnother</c>.</exception>
    public async Task EnsureByGroupsAsync(int missing, CancellationToken cancellationToken)
    {
        if (missing == 0)
            return;
        (int absent, int others) = await LookAtOthersAsync([], cancellationToken).ConfigureAwait(false);
        if (absent * 2 > others)
        {
            throw Another(
                $"{missing} linked groups are not there, or are other groups, and "
                    + $"{absent} of {others} linked users are not there or are other people"
            );
        }
    }

    /// <summary>How many of some other linked users are not there, and how many these are.</summary>
    private async Task<(int Absent, int Others)> LookAtOthersAsync(HashSet<string> looked, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, Link>> sample = SampleWithout(looked);
        int absent = await CountAbsentAsync(sample, untilOneIsThere: false, cancellationToken).ConfigureAwait(false);
        return (absent, sample.Count);
    }

    private List<KeyValuePair<string, Link>> SampleWithout(HashSet<string> looked) =>
        [.. snapshot.Links.Where(l => l.Value.Enabled && !looked.Contains(l.Key) && !_deleted.Contains(l.Key)).Take(SampleSize)];

    private async Task<int> CountAbsentAsync(
        List<KeyValuePair<string, Link>> sample,
        bool untilOneIsThere,
        CancellationToken cancellationToken
    )
    {
        int absent = 0;
        foreach ((string anchor, Link link) in sample)
        {
            if (!await IsThereAsync(anchor, link, cancellationToken).ConfigureAwait(false))
                absent++;
            else if (untilOneIsThere)
                break;
        }
        return absent;
    }

    private async Task<bool> IsThereAsync(string anchor, Link link, CancellationToken cancellationToken)
    {
        UserSighting seen = await UserSighting.LookAsync(client, link.TargetId, cancellationToken).ConfigureAwait(false);
        return seen.User is { } user && check.IsOurs(anchor, user);
    }

    private static ProvisioningException Another(string seen) =>
        new(
            "TargetIsAnother",
            $"This looks like another company's TravelPerk: {seen}. Nothing was written. "
                + $"Check the API key or the sign-in of the connection. If the users of this job really are gone, "
                + $"Reset-ProvisioningJob -Scope Links forgets who they were, and the next cycle matches everybody again."
        );
}
