using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Says why a state cannot be used. Only a damaged state may be moved away, because without the state users who leave would stay
/// active.</summary>
internal static class StateFailure
{
    public static ProvisioningException Unreadable(string name, Exception e, string advice) =>
        new("StateUnreadable", $"The job's state '{name}' cannot be read: {e.Message}. {advice}", e);

    /// <param name="store">The database, as messages call it, such as "database perk on db.contoso.com".</param>
    public static ProvisioningException StoreUnreadable(string store, Exception e, string advice) =>
        new("StateUnreadable", $"The {store} cannot be read: {e.Message}. {advice}", e);

    public static ProvisioningException Unwritable(string name, Exception e, string advice) =>
        new(
            "StateUnwritable",
            $"The job's state '{name}' can no longer be written: {e.Message}. "
                + $"The cycle was stopped. The next cycle finds out what was done. {advice}",
            e
        )
        {
            Failure = ProvisioningFailure.StateUnwritable,
        };

    public static ProvisioningException Unnoted(string name, Exception e, string advice) =>
        new("StateUnwritable", $"The state '{name}' cannot be written: {e.Message}. {advice}", e)
        {
            Failure = ProvisioningFailure.StateUnwritable,
        };
}
