using System.Globalization;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.PowerShell.Users;

/// <summary>Names a user: an id, a userName, or a user object. PowerShell converts each to this type.</summary>
public sealed class ScimUserIdentity
{
    /// <param name="idOrUserName">TravelPerk's id, or the userName (an e-mail address).</param>
    public ScimUserIdentity(string idOrUserName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrUserName);
        Text = idOrUserName.Trim();

        // TravelPerk's userNames are e-mail addresses and its ids are not.
        IsUserName = Text.Contains('@', StringComparison.Ordinal);
    }

    /// <param name="id">TravelPerk's id, when a script holds it as a number.</param>
    public ScimUserIdentity(long id)
        : this(id.ToString(CultureInfo.InvariantCulture)) { }

    /// <param name="user">A user that was read before.</param>
    public ScimUserIdentity(ScimUser user)
    {
        ArgumentNullException.ThrowIfNull(user);
        User = user;
        Text = user.Id ?? throw new ArgumentException("The user has no id. Read the user with Get-ScimUser first.", nameof(user));
    }

    internal string Text { get; }

    internal bool IsUserName { get; }

    internal ScimUser? User { get; }

    /// <inheritdoc/>
    public override string ToString() => User?.UserName ?? Text;
}
