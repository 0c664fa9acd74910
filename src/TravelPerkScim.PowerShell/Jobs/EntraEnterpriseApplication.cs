using TravelPerkScim.Entra.Reading;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>An enterprise application, as Get-EntraApplication finds it.</summary>
public sealed class EntraEnterpriseApplication
{
    internal EntraEnterpriseApplication(string displayName, string id, string appId, string? tenantId)
    {
        DisplayName = displayName;
        Id = id;
        AppId = appId;
        TenantId = tenantId;
    }

    /// <summary>The application as an object of the pipeline.</summary>
    internal static EntraEnterpriseApplication Of(EntraApplication application, string? tenantId) =>
        new(application.DisplayName, application.ObjectId, application.AppId, tenantId)
        {
            TemplateId = application.TemplateId,
            AssignmentRequired = application.AssignmentRequired,
            SingleSignOnMode = application.SingleSignOnMode,
        };

    /// <summary>The application as a type of the Entra room.</summary>
    internal EntraApplication ToEntra() =>
        new(Id, AppId, DisplayName)
        {
            TemplateId = TemplateId,
            AssignmentRequired = AssignmentRequired,
            SingleSignOnMode = SingleSignOnMode,
        };

    /// <summary>The application's name in this tenant.</summary>
    public string DisplayName { get; }

    /// <summary>Object id of its service principal in this tenant. A job stores this id.</summary>
    public string Id { get; }

    /// <summary>The application (client) id, the same in every tenant.</summary>
    public string AppId { get; }

    /// <summary>The tenant; null when the connection does not know it.</summary>
    public string? TenantId { get; }

    /// <summary>Id of its gallery template; null without a template.</summary>
    public string? TemplateId { get; init; }

    /// <summary>Whether only assigned users may sign in.</summary>
    public bool AssignmentRequired { get; init; }

    /// <summary>The kind of sign-in: <c>saml</c>, <c>password</c>, <c>oidc</c> or others of Entra's; null when it was never set.</summary>
    public string? SingleSignOnMode { get; init; }

    /// <inheritdoc/>
    public override string ToString() => DisplayName;
}
