using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>
/// Finds out whether TravelPerk refused a write because it names a manager who was deleted there by hand. The write may then go on without
/// the reference. A later cycle creates the manager again and updates the reports that wait.
/// </summary>
internal sealed class DeletedManagerCheck(ScimClient client, LinkLedger links)
{
    /// <returns>True when a manager of the user is gone and is no longer referred to.</returns>
    public async Task<bool> FindAsync(DesiredUser user, CancellationToken cancellationToken)
    {
        bool found = false;
        foreach (string manager in user.References)
        {
            if (links.TargetIdOf(manager) is not { } id)
                continue;
            if (await client.FindUserAsync(id, cancellationToken).ConfigureAwait(false) is not null)
                continue;
            links.TargetMissing(manager);
            links.AskAgain(manager);
            found = true;
        }
        return found;
    }
}
