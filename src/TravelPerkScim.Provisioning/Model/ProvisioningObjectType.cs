namespace TravelPerkScim.Provisioning.Model;

/// <summary>What an operation is about (Entra provisioning log: identityType).</summary>
public enum ProvisioningObjectType : long
{
    /// <summary>A user.</summary>
    User,

    /// <summary>A group, with its members; only where the target has groups.</summary>
    Group,
}

internal static class ProvisioningObjectTypes
{
    /// <summary>The noun of the domain for the object.</summary>
    public static string Noun(this ProvisioningObjectType type) => type == ProvisioningObjectType.Group ? "group" : "user";

    /// <summary>The path under which the service has such objects.</summary>
    public static string Endpoint(this ProvisioningObjectType type) => type == ProvisioningObjectType.Group ? "Groups" : "Users";
}
