using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>
/// Finds out whether a write was refused because it names a manager whom somebody deleted in TravelPerk. The write may then go on without
/// the reference,
/// and the manager is looked at again by a later cycle, which makes them anew and updates the reports that wait.
/// </summary>
internal sealed class DeletedManagerCheck(ScimClient client, LinkLedger links)
{
    /// <returns>True when a manager of the user turned out to be gone and is no longer referred to.</returns>
    public async Task<bool> FindAsync(DesiredUser user, CancellationToken cancellationToken)
    {
        bool lost = false;
        foreach (string manager in user.References)
        {
            if (
                links.TargetIdOf(manager) is not { } id
                || await client.FindUserAsync(id, cancellationToken).ConfigureAwait(false) is not null
            )
                continue;
            links.Lost(manager);
            links.AskAgain(manager);
            lost = true;
        }
        return lost;
    }
}
