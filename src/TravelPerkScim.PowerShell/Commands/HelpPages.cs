namespace TravelPerkScim.PowerShell.Commands;

/// <summary>The pages that Get-Help -Online opens: each describes a command's subject, by its owner.</summary>
internal static class HelpPages
{
    public const string Cycles = "https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works";
    public const string Expressions =
        "https://learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data";
    public const string Scoping =
        "https://learn.microsoft.com/entra/identity/app-provisioning/define-conditional-rules-for-provisioning-user-accounts";
    public const string Tutorial = "https://learn.microsoft.com/entra/identity/saas-apps/travelperk-provisioning-tutorial";
    public const string HostedJobs =
        "https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-configuration-api";
    public const string OnDemand = "https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand";
    public const string Quarantine =
        "https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-quarantine-status";
    public const string Logs = "https://learn.microsoft.com/entra/identity/monitoring-health/concept-provisioning-logs";
    public const string SingleSignOn = "https://learn.microsoft.com/entra/identity/saas-apps/travelperk-tutorial";
    public const string SigningCertificates =
        "https://learn.microsoft.com/entra/identity/enterprise-apps/tutorial-manage-certificates-for-federated-single-sign-on";
    public const string Assignments = "https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal";
    public const string Scim = "https://www.rfc-editor.org/rfc/rfc7644";
}
