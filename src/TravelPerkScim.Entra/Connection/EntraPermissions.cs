namespace TravelPerkScim.Entra.Connection;

/// <summary>A need of this module, and the Graph permissions of which any one is enough. Source: the permission tables of "user:
/// delta", "group: delta" and "List appRoleAssignedTo" in the Graph reference.</summary>
/// <param name="Least">The permission to ask an administrator for.</param>
/// <param name="What">The need, in words.</param>
/// <param name="Higher">Other permissions that are enough.</param>
public sealed record EntraPermission(string Least, string What, params string[] Higher)
{
    /// <summary>Whether one of the granted permissions is enough.</summary>
    public bool IsIn(IReadOnlyCollection<string> granted) =>
        Higher.Prepend(Least).Intersect(granted, StringComparer.OrdinalIgnoreCase).Any();
}

/// <summary>The Graph permissions of an Entra source.</summary>
public static class EntraPermissions
{
    private const string DirectoryRead = "Directory.Read.All";
    private const string PolicyWrite = "Policy.ReadWrite.ApplicationConfiguration";
    private const string DirectoryWrite = "Directory.ReadWrite.All";

    /// <summary>Users, their managers and their changes.</summary>
    public static EntraPermission Users { get; } =
        new("User.Read.All", "reading users and their managers", "User.ReadWrite.All", DirectoryRead, DirectoryWrite);

    /// <summary>Groups, their members and their changes.</summary>
    public static EntraPermission Groups { get; } =
        new(
            "GroupMember.Read.All",
            "reading who is a member of an assigned group",
            "GroupMember.ReadWrite.All",
            "Group.Read.All",
            "Group.ReadWrite.All",
            DirectoryRead,
            DirectoryWrite
        );

    /// <summary>The enterprise application and who is assigned to it.</summary>
    public static EntraPermission Applications { get; } =
        new(
            "Application.Read.All",
            "reading who is assigned to the enterprise application",
            "Application.ReadWrite.All",
            DirectoryRead,
            DirectoryWrite
        );

    /// <summary>Making, changing and removing enterprise applications. Source: "applicationTemplate: instantiate", "Update
    /// servicePrincipal".</summary>
    public static EntraPermission ApplicationsWrite { get; } =
        new("Application.ReadWrite.All", "making and changing enterprise applications", "Application.ReadWrite.OwnedBy", DirectoryWrite);

    /// <summary>Assigning users and groups. Source: "Grant an appRoleAssignment for a service principal", which wants no other in its
    /// place.</summary>
    public static EntraPermission AssignmentsWrite { get; } =
        new("AppRoleAssignment.ReadWrite.All", "assigning users and groups to the enterprise application");

    /// <summary>Claims of a token. Source: "Get customClaimsPolicy", "List assigned claimsMappingPolicy".</summary>
    public static EntraPermission Policies { get; } = new("Policy.Read.All", "reading the claims of single sign-on", PolicyWrite);

    /// <summary>Changing the claims of a token. Source: "Create or replace customClaimsPolicy".</summary>
    public static EntraPermission PoliciesWrite { get; } = new(PolicyWrite, "changing the claims of single sign-on");

    /// <summary>The needs of a source.</summary>
    public static IReadOnlyList<EntraPermission> All { get; } = [Users, Groups, Applications];

    /// <summary>Reading the hosted job with its mapping and settings. A Global Reader without it is answered 401.</summary>
    public static EntraPermission ReadHostedJob { get; } =
        new(
            "Synchronization.Read.All",
            "reading the hosted provisioning job",
            "Synchronization.ReadWrite.All",
            "Application.ReadWrite.OwnedBy"
        );

    /// <summary>Making, changing, starting and stopping the hosted job.</summary>
    /// <remarks>An application that owns the enterprise application may do it with Application.ReadWrite.OwnedBy (Graph, permissions of
    /// "synchronizationJob").</remarks>
    public static EntraPermission WriteHostedJob { get; } =
        new("Synchronization.ReadWrite.All", "changing the hosted provisioning job", "Application.ReadWrite.OwnedBy");

    /// <summary>Evaluating expressions with the hosted job, which changes nothing. Source: "synchronizationSchema: parseExpression", for
    /// which reading the job is not enough.</summary>
    public static EntraPermission EvaluateExpressions { get; } =
        new("Synchronization.ReadWrite.All", "evaluating expressions with the hosted provisioning job", "Application.ReadWrite.OwnedBy");

    /// <summary>The log of the hosted job.</summary>
    public static EntraPermission ReadHostedLog { get; } = new("AuditLog.Read.All", "reading the log of the hosted provisioning job");

    /// <summary>The needs for which no permission was granted; empty while the granted permissions are not known.</summary>
    public static IReadOnlyList<EntraPermission> Missing(IReadOnlyCollection<string>? granted, IEnumerable<EntraPermission> needed) =>
        granted is null ? [] : [.. needed.Where(need => !need.IsIn(granted))];
}
