using TravelPerkScim.Entra.Connection;

namespace TravelPerkScim.Entra.Http;

/// <summary>What a request is for: the permission that it takes, and the words for a failure.</summary>
/// <param name="Permission">The permission that Graph wants.</param>
/// <param name="Thing">What is read or changed, with its article: <c>the provisioning job</c>.</param>
internal sealed record GraphNeed(EntraPermission Permission, string Thing)
{
    public static GraphNeed Users { get; } = new(EntraPermissions.Users, "users");

    public static GraphNeed Groups { get; } = new(EntraPermissions.Groups, "groups");

    public static GraphNeed Applications { get; } = new(EntraPermissions.Applications, "the enterprise application");

    /// <summary>
    /// The action of a command, such as <c>starting the provisioning job</c>; null for the reads of a source, whose failures are about a
    /// cycle.
    /// </summary>
    public string? Action { get; init; }

    /// <summary>The request holds a secret, which Graph's text might repeat, so the text is not shown.</summary>
    public bool IsSecret { get; init; }
}
