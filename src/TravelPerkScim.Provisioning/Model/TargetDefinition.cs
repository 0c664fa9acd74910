using System.Collections;
using System.Globalization;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Where and how the target takes an attribute: as TravelPerk publishes it, completed by the mapping's target directory, or as
/// that directory alone defines it.</summary>
internal static class TargetDefinition
{
    /// <summary>RFC 7643 4.1.2: lists of complex values, each with its type.</summary>
    private static readonly HashSet<string> s_complexLists = new(StringComparer.OrdinalIgnoreCase)
    {
        "emails",
        "phoneNumbers",
        "ims",
        "photos",
        "addresses",
        "groups",
        "entitlements",
        "roles",
        "x509Certificates",
    };

    private static readonly Dictionary<ScimAttributeType, (Func<object, bool> IsValid, string Text)> s_rules = new()
    {
        [ScimAttributeType.Boolean] = (IsTruth, "must be true or false."),
        [ScimAttributeType.Integer] = (IsWholeNumber, "must be a whole number."),
        [ScimAttributeType.Decimal] = (IsDecimal, "must be a number such as 12.5."),
        [ScimAttributeType.DateTime] = (IsMoment, "must be a date and time such as 2026-03-02T08:00:00Z."),
        [ScimAttributeType.Reference] = (IsOneReference, "must be one reference."),
    };

    /// <exception cref="MappingException"><c>TargetAttributeInvalid</c>.</exception>
    public static (AttributePath Path, ScimSchemaAttribute Definition) Of(string target, AttributeDefinition defined)
    {
        if (!AttributePath.TryParse(target, out AttributePath? path))
            throw Invalid(target, "is not a SCIM attribute path.");
        if (TravelPerkSchema.Find(path) is { } published)
        {
            return (
                path,
                published with
                {
                    CaseExact = defined.CaseExactOr(published.CaseExact),
                    Required = published.Required || defined.Required,
                }
            );
        }

        if (IsComplexList(path) && path is { ValueFilter: null, SubAttribute: not null })
            throw Invalid(target, $"does not say which element is meant. Write {path.Attribute}[type eq \"work\"].{path.SubAttribute}.");
        ScimSchemaAttribute definition = Own(path, defined);
        return IsWritable(definition)
            ? (path, definition)
            : throw Invalid(target, "has a value filter from which no new element can be made. Use conditions with eq, joined by and.");
    }

    /// <summary>How the target takes an attribute that only a schema defines.</summary>
    private static ScimSchemaAttribute Own(AttributePath path, AttributeDefinition defined)
    {
        ScimAttributeType type = TypeOf(defined);
        bool multiValued = path.ValueFilter is null && (defined.Multivalued || (IsComplexList(path) && path.SubAttribute is null));
        return new ScimSchemaAttribute
        {
            Path = path,
            Type = type,
            MultiValued = multiValued,
            SimpleElements = defined.SimpleElements ?? (multiValued && type != ScimAttributeType.Reference && !IsComplexList(path)),
            Required = defined.Required,
            CaseExact = defined.CaseExact,
            ReadOnly = defined.ReadOnly,
            Rule = RuleOf(type),
        };
    }

    /// <summary>The type that goes over the wire: the service's own where it is known, otherwise the one that Entra's definition
    /// gives.</summary>
    private static ScimAttributeType TypeOf(AttributeDefinition defined) =>
        Enum.TryParse(defined.ScimType ?? defined.Type.ToString(), ignoreCase: true, out ScimAttributeType type) && Enum.IsDefined(type)
            ? type
            : ScimAttributeType.String;

    private static bool IsComplexList(AttributePath path) => path.SchemaUrn is null && s_complexLists.Contains(path.Attribute);

    private static bool IsWritable(ScimSchemaAttribute definition)
    {
        try
        {
            _ = new ScimResourceBuilder().Set(definition.Path, "x", definition);
            return true;
        }
        catch (ScimException e) when (e.Kind == ScimFailure.PathNotWritable)
        {
            return false;
        }
    }

    private static Func<object, string?>? RuleOf(ScimAttributeType type)
    {
        if (!s_rules.TryGetValue(type, out (Func<object, bool> IsValid, string Text) rule))
            return null;
        return value => rule.IsValid(value) ? null : rule.Text;
    }

    private static bool IsTruth(object value) => value is bool || bool.TryParse(value as string, out _);

    private static bool IsWholeNumber(object value) => IsNumber(value, NumberStyles.AllowLeadingSign);

    private static bool IsDecimal(object value) => IsNumber(value, NumberStyles.Float);

    private static bool IsOneReference(object value) => value is not ICollection { Count: > 1 };

    private static bool IsNumber(object value, NumberStyles style) =>
        decimal.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), style, CultureInfo.InvariantCulture, out _);

    private static bool IsMoment(object value) =>
        value is DateTimeOffset
        || DateTimeOffset.TryParse(value as string, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static MappingException Invalid(string target, string why) =>
        new(
            "TargetAttributeInvalid",
            $"The mapping's target attribute '{target}' {why} Remove its mapping with Remove-ScimMapping, or correct its name."
        )
        {
            TargetAttribute = target,
        };
}
