namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Names a user of the source: an object id or a userPrincipalName. Objects with one of these properties, such as those of
/// Get-MgUser, bind by property name.</summary>
public sealed class SourceUserIdentity
{
    /// <param name="idOrUserPrincipalName">Object id or userPrincipalName.</param>
    public SourceUserIdentity(string idOrUserPrincipalName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrUserPrincipalName);
        Text = idOrUserPrincipalName.Trim();
    }

    /// <param name="id">Object id.</param>
    public SourceUserIdentity(Guid id) => Text = id.ToString("D");

    internal string Text { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
