using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>The static check of a whole mapping against the attributes that TravelPerk publishes, or that the target's schemas
/// describe.</summary>
public static class MappingTest
{
    /// <summary>Finds every fault for which a save would refuse the mapping, every doubtful mapping, and every attribute that the service
    /// requires and that nothing maps.</summary>
    /// <param name="mapping">The schema.</param>
    /// <param name="discovered">Attributes that the target's own <c>/Schemas</c> describe; null when only TravelPerk's published attributes
    /// are known.</param>
    /// <returns>One record for each finding.</returns>
    public static IReadOnlyList<MappingFinding> Run(
        SynchronizationSchema mapping,
        IReadOnlyCollection<ScimSchemaAttribute>? discovered = null
    )
    {
        ArgumentNullException.ThrowIfNull(mapping);
        string[] undefined = [];
        if (discovered is not null && mapping.HasUserMapping)
        {
            // The check is of the mapping that Set-ScimMapping and Import-ScimMapping would save over this connection.
            undefined = [.. ServiceAttributes.Undefined(mapping)];
            mapping = SynchronizationSchema.Parse(mapping.ToJson());
            ServiceAttributes.Define(mapping, discovered);
        }

        List<MappingFinding> findings = [.. MappingCheck.Run(mapping, discovered is null ? null : Present(mapping, discovered))];
        if (findings.Exists(finding => finding.FindingId is "NoUserMapping" or "MappingSchemaInvalid" or "OtherApplication"))
            return findings;
        var unknown = findings
            .Where(finding => finding.FindingId == "UnknownTargetAttribute")
            .Select(finding => finding.TargetAttribute!)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (
            AttributeMapping attribute in mapping.UserMapping.AttributeMappings.Where(attribute =>
                !unknown.Contains(attribute.TargetAttributeName)
            )
        )
        {
            findings.AddRange(Check(attribute, mapping.TargetDefinition(attribute.TargetAttributeName)));
        }

        findings.AddRange(undefined.Except(unknown, StringComparer.OrdinalIgnoreCase).Select(OnlyInService));
        if (discovered is not null)
        {
            HashSet<string?> told =
            [
                .. findings.Where(finding => finding.FindingId == "RequiredAttributeNotMapped").Select(finding => finding.TargetAttribute),
            ];
            findings.AddRange(ServiceRequirements.Unfilled(mapping, discovered).Where(finding => !told.Contains(finding.TargetAttribute)));
        }
        return findings;
    }

    /// <summary>A text that fits no list and no form of TravelPerk.</summary>
    private const string AnyText = "any text of a source";

    private static IEnumerable<MappingFinding> Check(AttributeMapping mapping, AttributeDefinition? defined)
    {
        string target = mapping.TargetAttributeName;
        AttributeDefinition inMapping = defined ?? SynchronizationSchema.Default.TargetDefinition(target)!;
        try
        {
            return Doubts(mapping, defined, TargetDefinition.Of(target, inMapping).Definition);
        }
        catch (MappingException e)
        {
            return [new MappingFinding(MappingFindingSeverity.Error, e.ErrorId, target, null, e.Message)];
        }
    }

    private static IEnumerable<MappingFinding> Doubts(
        AttributeMapping mapping,
        AttributeDefinition? defined,
        ScimSchemaAttribute definition
    )
    {
        string target = mapping.TargetAttributeName;
        if (defined is not null && Kind(defined) != Kind(definition))
        {
            yield return Warning(
                "TargetTypeDiffers",
                $"The schema's target directory defines it as {Kind(defined)}, but TravelPerk takes {Kind(definition)}. "
                    + "Correct the definition in the mapping file."
            );
        }

        foreach ((string what, string text) in Constants(mapping))
        {
            if (ValueRules.BrokenRule(definition, text) is { } broken)
                yield return Warning("ConstantRefused", $"{what} '{text}' {broken}");
        }

        if (MayBeRefused(mapping, definition))
        {
            yield return new MappingFinding(
                MappingFindingSeverity.Information,
                "ValueMayBeRefused",
                target,
                null,
                "The expression may give values that TravelPerk refuses; a user with such a value is an error. "
                    + "A Switch limits the values, and Set-ScimMapping -OnInvalid Drop leaves out the attribute alone."
            );
        }

        MappingFinding Warning(string id, string message) => new(MappingFindingSeverity.Warning, id, target, null, message);
    }

    /// <summary>The target takes only values of a list or a form, and the expression may give another text.</summary>
    private static bool MayBeRefused(AttributeMapping mapping, ScimSchemaAttribute definition)
    {
        bool isSafe =
            mapping is { OnInvalid: InvalidValueAction.Drop } or { IsNone: true } or { Source.Type: AttributeMappingSourceType.Constant };
        if (isSafe || definition.Rule is not { } rule)
            return false;
        try
        {
            if (PossibleValues.Of(mapping.Source!.ToExpression()) is { } possible)
                return possible.Any(value => value.Length > 0 && rule(value) is not null);
            bool takesTexts = definition is { Required: false, Type: not (ScimAttributeType.Reference or ScimAttributeType.Boolean) };
            return takesTexts && rule(AnyText) is not null;
        }
        catch (MappingException)
        {
            // The expression is a finding already.
            return false;
        }
    }

    private static MappingFinding OnlyInService(string target) =>
        new(
            MappingFindingSeverity.Warning,
            "TargetAttributeNotKept",
            target,
            null,
            "The service publishes this attribute, and the mapping file has no definition of it. "
                + "Set-ScimMapping or Import-ScimMapping with the connection keeps one."
        );

    private static IEnumerable<(string What, string Text)> Constants(AttributeMapping mapping)
    {
        if (mapping.Source is { Type: AttributeMappingSourceType.Constant, Name: { } constant, Parameters.Count: 0 })
            yield return ("The constant", constant.Trim('"'));
        if (!string.IsNullOrEmpty(mapping.DefaultValue))
            yield return ("The default value", mapping.DefaultValue);
    }

    private static string Kind(AttributeDefinition definition) =>
        Kind(definition.Multivalued, definition.Type == TargetAttributeType.Reference);

    private static string Kind(ScimSchemaAttribute definition) =>
        Kind(definition.MultiValued, definition.Type == ScimAttributeType.Reference);

    private static string Kind(bool isList, bool isReference) =>
        (isList ? "a list of " : "a single ") + (isReference ? "reference" : "value");

    // Few services list their types of phone number. Only whether the service has phone numbers can be checked.
    private static IEnumerable<string> Present(SynchronizationSchema mapping, IReadOnlyCollection<ScimSchemaAttribute> discovered) =>
        from mapped in MappedPaths.Of(mapping)
        where
            ServiceRequirements.IsCommon(mapped.Path)
            || discovered.Any(found => found.Path.Holds(mapped.Path))
            || ServiceAttributes.Find(mapped.Path, discovered) is not null
        select mapped.Mapping.TargetAttributeName;
}
