namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Names an enterprise application: its display name, application id or object id, or the object of Get-EntraApplication.
/// PowerShell converts each to this type.</summary>
public sealed class EntraApplicationIdentity
{
    /// <param name="nameOrId">Display name, application (client) id or object id.</param>
    public EntraApplicationIdentity(string nameOrId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(nameOrId);
        Text = nameOrId.Trim();
    }

    /// <param name="id">Application (client) id or object id.</param>
    public EntraApplicationIdentity(Guid id) => Text = id.ToString("D");

    /// <param name="application">As Get-EntraApplication gives it.</param>
    public EntraApplicationIdentity(EntraEnterpriseApplication application)
    {
        ArgumentNullException.ThrowIfNull(application);
        Text = application.Id;
        Found = application;
    }

    /// <param name="job">As Get-EntraProvisioningJob gives it.</param>
    public EntraApplicationIdentity(EntraProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        Text = job.ApplicationId;
        Found = job.EnterpriseApplication;
        Job = job;
    }

    internal string Text { get; }

    internal EntraEnterpriseApplication? Found { get; }

    internal EntraProvisioningJob? Job { get; }

    /// <inheritdoc/>
    public override string ToString() => Found?.DisplayName ?? Text;
}
