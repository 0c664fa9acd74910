using System.Management.Automation;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.PowerShell.Users;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets users from TravelPerk.</summary>
/// <remarks>
/// <para>Without parameters the command gets every user. Users are written as they arrive. The next page is requested when the pipeline has
/// taken the last user of the page before. A pipeline that ends early sends few requests, and memory does not grow with the company.</para>
/// <para>A list gives each user once. Where the service ignores startIndex or ends the list early, the list is read as one larger page or
/// by ranges of id or userName. Where that is not possible either, the command ends with the error PagingNotSupported or PagingIncomplete,
/// and users may be missing in its output. With -Filter, ranges are not tried.</para>
/// </remarks>
/// <example>
/// <para>Get one user by userName</para>
/// <code>Get-ScimUser anna.berg@contoso.com</code>
/// <para>Gets the user with this userName. An id or a user object works too.</para>
/// </example>
/// <example>
/// <para>Find users who cannot book</para>
/// <code>Get-ScimUser | Where-Object Active -EQ $false</code>
/// <para>Reads every user and keeps the disabled ones.</para>
/// </example>
/// <example>
/// <para>Let TravelPerk filter</para>
/// <code>Get-ScimUser -Filter 'externalId eq "8f2d6a1c"'</code>
/// <para>Sends the SCIM filter to the service, which answers the users that match.</para>
/// </example>
/// <seealso>Set-ScimUser</seealso>
/// <seealso>about_TravelPerkScim_Connections</seealso>
[Cmdlet(VerbsCommon.Get, "ScimUser", DefaultParameterSetName = AllSet, HelpUri = HelpPages.Scim)]
[OutputType(typeof(ScimUser))]
public sealed class GetScimUserCommand : TargetCommand
{
    private const string AllSet = "All";
    private const string IdentitySet = "Identity";

    private ScimFilter? _filter;

    /// <summary>The user to get: an id, a userName, or a user object.</summary>
    [Parameter(
        ParameterSetName = IdentitySet,
        Mandatory = true,
        Position = 0,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true
    )]
    [Alias("Id", "UserName")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(UserNameCompleter))]
    public ScimUserIdentity? Identity { get; set; }

    /// <summary>A SCIM filter (RFC 7644 3.4.2.2), such as 'userName eq "anna.berg@contoso.com"'. TravelPerk documents filtering on userName
    /// and externalId.</summary>
    [Parameter(ParameterSetName = AllSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FilterCompleter))]
    public string? Filter { get; set; }

    private protected override void Prepare()
    {
        base.Prepare();
        _filter = Filter is null ? null : ScimFilter.Parse(Filter);
    }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        Identity is { } identity ? AttemptAsync(identity, () => GetOneAsync(identity, cancellationToken)) : GetAllAsync(cancellationToken);

    private async Task GetOneAsync(ScimUserIdentity identity, CancellationToken cancellationToken)
    {
        ScimUser user = await Target.FindUserAsync(identity, cancellationToken).ConfigureAwait(false);
        await WriteObjectAsync(user).ConfigureAwait(false);
    }

    private async Task GetAllAsync(CancellationToken cancellationToken)
    {
        var progress = new ProgressReporter(this, "TravelPerk");
        long count = 0;
        await foreach (ScimPage page in Target.Client.ReadPagesAsync(_filter, cancellationToken).ConfigureAwait(false))
        {
            foreach (ScimUser user in page.Users)
            {
                Target.RecentUsers.Add(user.UserName);
                await WriteObjectAsync(user).ConfigureAwait(false);
                await progress
                    .ReportAsync("reading users", $"{++count} of {page.TotalResults} users", count, page.TotalResults)
                    .ConfigureAwait(false);
            }
        }

        await progress.CompleteAsync().ConfigureAwait(false);
    }
}
