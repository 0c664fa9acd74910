using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Dialect;

/// <summary>How a PATCH is written.</summary>
public enum PatchForm
{
    /// <summary>One operation an attribute, each with its path (RFC 7644 3.5.2).</summary>
    PathPerAttribute,

    /// <summary>One operation without a path, whose value holds the attributes (RFC 7644 3.5.2.3).</summary>
    Pathless,
}

/// <summary>How true and false are written.</summary>
public enum BooleanForm
{
    /// <summary>As JSON booleans (RFC 7643 2.3.2).</summary>
    Json,

    /// <summary>As the strings "True" and "False".</summary>
    Text,
}

/// <summary>What a filter on userName finds.</summary>
public enum UserNameFilter
{
    /// <summary>The user, when the case is the same. Whether case counts is not known.</summary>
    Finds,

    /// <summary>The user, whatever the case (userName is not case-exact, RFC 7643 4.1.1).</summary>
    IgnoresCase,

    /// <summary>Only a user in exactly that case.</summary>
    CaseSensitive,

    /// <summary>No user, although the service has the user.</summary>
    Misses,
}

/// <summary>The forms that one server really accepts, learned from its answers to requests that were needed anyway. A property that is null
/// was not seen yet, so the form of the RFCs is tried first. A dialect holds nothing about people.</summary>
public sealed record ScimDialect
{
    private static readonly Dictionary<string, AttributeForm> s_noForms = [];

    /// <summary>When the last property was learned, UTC.</summary>
    public DateTimeOffset? Learned { get; init; }

    /// <summary>The form of PATCH that was accepted.</summary>
    public PatchForm? PatchForm { get; init; }

    /// <summary>An add at a filtered path that selects nothing creates the element, as Entra expects. False: the server refuses the add
    /// with noTarget, and the whole element is added instead.</summary>
    public bool? FilteredPathCreates { get; init; }

    /// <summary>The form of booleans that was accepted.</summary>
    public BooleanForm? Booleans { get; init; }

    /// <summary>The server answers a PATCH with the user (200). False: it answers with 204.</summary>
    public bool? PatchAnswersUser { get; init; }

    /// <summary>
    /// For attributes of users whose usual form is accepted and not kept: the form that is kept, by path. The values of the attributes are
    /// not stored. Null: no such attribute was met.
    /// </summary>
    public IReadOnlyDictionary<string, AttributeForm>? AttributeForms { get; init; }

    /// <summary>The media type of bodies that was accepted.</summary>
    public string? MediaType { get; init; }

    /// <summary>The most users on a page, when the server returns fewer than it is asked for.</summary>
    public int? PageCap { get; init; }

    /// <summary>The number of requests at once that the server answered as fast as few of them.</summary>
    public int? Concurrency { get; init; }

    /// <summary><c>startIndex</c> is honoured.</summary>
    public bool? StartIndex { get; init; }

    /// <summary>Filters with <c>lt</c> and <c>gt</c> divide a list without a gap. They are tried only where <c>startIndex</c> does not walk
    /// through the list.</summary>
    public bool? RangeFilter { get; init; }

    /// <summary>What a filter on userName finds.</summary>
    public UserNameFilter? UserNameFilter { get; init; }

    /// <summary>A filter on externalId is accepted.</summary>
    public bool? ExternalIdFilter { get; init; }

    /// <summary>A filter finds only users that match it. False: the service ignores the filter, or takes "eq" for "contains".</summary>
    public bool? ExactFilter { get; init; }

    /// <summary>A filter on userName can miss users, so only a walk over all pages proves that a user is absent.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool FilterIsBlind => UserNameFilter is Dialect.UserNameFilter.Misses or Dialect.UserNameFilter.CaseSensitive;

    /// <summary>A list can be read whole, as far as is known.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool ListsWhole => StartIndex != false || RangeFilter == true;

    /// <summary>The form in which the service keeps a change of the attribute; null for the usual form, as far as is known.</summary>
    public AttributeForm? FormOf(AttributePath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return AttributeForms?.TryGetValue(path.ToString(), out AttributeForm form) == true ? form : null;
    }

    /// <summary>This dialect, with the form in which the service keeps a change of the attribute; null for the usual form.</summary>
    public ScimDialect WithForm(AttributePath path, AttributeForm? form)
    {
        if (FormOf(path) == form)
            return this;
        var forms = new Dictionary<string, AttributeForm>(AttributeForms ?? s_noForms, StringComparer.Ordinal);
        if (form is { } kept)
            forms[path.ToString()] = kept;
        else
            forms.Remove(path.ToString());
        return this with { AttributeForms = forms.Count == 0 ? null : forms };
    }

    /// <summary>Writes a whole resource as a server of this dialect accepts it. <see cref="PatchMessage"/> writes changes.</summary>
    public JsonObject Write(JsonObject body)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (Booleans != BooleanForm.Text)
            return body;
        var copy = (JsonObject)body.DeepClone();
        PatchMessage.BooleansAsText(copy);
        return copy;
    }

    /// <summary>This dialect, completed from <paramref name="older"/> where a property is not known here.</summary>
    public ScimDialect Over(ScimDialect older)
    {
        ArgumentNullException.ThrowIfNull(older);
        return new ScimDialect
        {
            Learned = Learned ?? older.Learned,
            PatchForm = PatchForm ?? older.PatchForm,
            FilteredPathCreates = FilteredPathCreates ?? older.FilteredPathCreates,
            Booleans = Booleans ?? older.Booleans,
            PatchAnswersUser = PatchAnswersUser ?? older.PatchAnswersUser,
            AttributeForms = AttributeForms ?? older.AttributeForms,
            MediaType = MediaType ?? older.MediaType,
            PageCap = PageCap ?? older.PageCap,
            Concurrency = Concurrency ?? older.Concurrency,
            StartIndex = StartIndex ?? older.StartIndex,
            RangeFilter = RangeFilter ?? older.RangeFilter,
            UserNameFilter = UserNameFilter ?? older.UserNameFilter,
            ExternalIdFilter = ExternalIdFilter ?? older.ExternalIdFilter,
            ExactFilter = ExactFilter ?? older.ExactFilter,
        };
    }
}
