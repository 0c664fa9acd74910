using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>What the requests about a hosted job are for.</summary>
internal static class HostedNeeds
{
    private const string Job = "the provisioning job";

    public static GraphNeed Read { get; } = new(EntraPermissions.ReadHostedJob, Job) { Action = "reading the provisioning job" };

    public static GraphNeed Settings { get; } =
        new(EntraPermissions.ReadHostedJob, "the settings of the provisioning job")
        {
            Action = "reading the settings of the provisioning job",
        };

    public static GraphNeed Evaluate { get; } =
        new(EntraPermissions.EvaluateExpressions, Job) { Action = "evaluating an expression with the provisioning job" };

    public static GraphNeed Make { get; } = new(EntraPermissions.WriteHostedJob, Job) { Action = "making the provisioning job" };

    public static GraphNeed Save { get; } =
        new(EntraPermissions.WriteHostedJob, "the settings of the provisioning job")
        {
            Action = "saving the settings of the provisioning job",
            IsSecret = true,
        };

    /// <summary>A test of given credentials. Graph's text might repeat them.</summary>
    public static GraphNeed ValidateGiven { get; } =
        new(EntraPermissions.WriteHostedJob, Job) { Action = "the credentials", IsSecret = true };

    public static GraphNeed ValidateSaved { get; } =
        new(EntraPermissions.WriteHostedJob, Job) { Action = "the saved credentials", IsSecret = true };

    public static GraphNeed Log { get; } =
        new(EntraPermissions.ReadHostedLog, "the provisioning log") { Action = "reading the provisioning log" };

    public static GraphNeed Users { get; } = new(EntraPermissions.Users, "the user") { Action = "reading the user" };

    /// <param name="doing">What is done, such as <c>starting</c>.</param>
    public static GraphNeed Write(string doing) => new(EntraPermissions.WriteHostedJob, Job) { Action = $"{doing} the provisioning job" };
}
