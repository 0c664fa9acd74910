namespace TravelPerkScim.Provisioning.Model;

/// <summary>Kinds of actions.</summary>
internal static class ProvisioningActions
{
    /// <summary>The action takes the user's access away.</summary>
    public static bool IsDeparture(this ProvisioningAction action) => action is ProvisioningAction.Disable or ProvisioningAction.Delete;
}
