using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Users;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of New-ScimUser and Set-ScimUser: the attributes a user can be given.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class UserWriteCommand : TargetCommand
{
    private protected UserWriteCommand() { }

    /// <summary>The id the user has at the source, such as the Entra object id.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? ExternalId { get; set; }

    /// <summary>Whether the user can sign in and book. The text true or false, as in a CSV file, works too.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [BooleanText]
    public bool? Active { get; set; }

    /// <summary>Title of address, such as MS or MR.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? HonorificPrefix { get; set; }

    /// <summary>Middle name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? MiddleName { get; set; }

    /// <summary>Job title.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? Title { get; set; }

    /// <summary>Work phone with its country code, such as '+34 931234567'.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? WorkPhone { get; set; }

    /// <summary>Language of TravelPerk's pages and mails: en, fr, de or es.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    [ArgumentCompleter(typeof(KnownValueCompleter))]
    public string? PreferredLanguage { get; set; }

    /// <summary>How dates and numbers are written, such as en or en-gb.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    [ArgumentCompleter(typeof(KnownValueCompleter))]
    public string? Locale { get; set; }

    /// <summary>Name of a cost centre that exists at TravelPerk, letter for letter.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? CostCenter { get; set; }

    /// <summary>The manager, who approves the user's trips: an id, a userName, or a user object. The manager must exist at
    /// TravelPerk.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ManagerId")]
    [AllowNull]
    [ArgumentCompleter(typeof(UserNameCompleter))]
    [EmptyIsNull]
    public ScimUserIdentity? Manager { get; set; }

    /// <summary>M or F.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    [ArgumentCompleter(typeof(KnownValueCompleter))]
    public string? Gender { get; set; }

    /// <summary>Date of birth. Give a date, or text such as 1980-02-29.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [EmptyIsNull]
    public DateTime? DateOfBirth { get; set; }

    /// <summary>Name of a travel policy that exists at TravelPerk, letter for letter.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? TravelPolicy { get; set; }

    /// <summary>Names of invoice profiles that exist at TravelPerk, letter for letter.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("InvoiceProfiles")]
    [AllowNull, AllowEmptyCollection]
    public string[]? InvoiceProfile { get; set; }

    /// <summary>The person to call in an emergency.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? EmergencyContactName { get; set; }

    /// <summary>The number to call in an emergency, with its country code.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? EmergencyContactPhone { get; set; }

    /// <summary>Attributes that have no parameter of their own: SCIM attribute paths and their values, such as @{
    /// 'urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:countryOfResidence' = 'ES' }.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Attribute { get; set; }

    /// <summary>The attributes that this record gives, each with the value to send; null clears an attribute.</summary>
    private protected async Task<List<AttributeValue>> ReadAttributesAsync(string user, CancellationToken cancellationToken)
    {
        Dictionary<string, object> bound = MyInvocation.BoundParameters;
        List<AttributeValue> values = [];
        foreach (UserAttribute attribute in UserAttribute.All)
        {
            // A user is either active or disabled, so an empty Active is left out.
            if (bound.TryGetValue(ParameterOf(attribute), out object? given) && (given is not null || attribute != UserAttribute.Active))
            {
                object? value = given is ScimUserIdentity manager
                    ? await Target.FindIdAsync(manager, cancellationToken).ConfigureAwait(false)
                    : given;
                values.Add(AttributeValue.Create(user, attribute.Path, value));
            }
        }

        foreach (DictionaryEntry entry in Attribute ?? [])
            values.Add(AttributeValue.Create(user, AttributePath.Parse($"{entry.Key}"), entry.Value));

        return values;
    }

    private protected virtual string ParameterOf(UserAttribute attribute) => attribute.Parameter;
}
