using System.Globalization;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Tests;

/// <summary>Short ways to say: this expression, this object, this mapping.</summary>
internal static class Subject
{
    public static object? Evaluate(string expression, params (string Name, object? Value)[] attributes)
    {
        var parsed = MappingExpression.Parse(expression);
        return parsed.Compile().Evaluate(Object(new SourceLayout(parsed.Attributes), attributes));
    }

    public static MappingException Fails(string expression, params (string Name, object? Value)[] attributes) =>
        Assert.Throws<MappingException>(() => Evaluate(expression, attributes));

    public static SourceObject Object(SourceLayout layout, params (string Name, object? Value)[] attributes)
    {
        var source = new SourceObject("00000000-0000-0000-0000-00000000000a", layout);
        foreach ((string name, object? value) in attributes)
        {
            if (layout.SlotOf(name) is var slot and >= 0)
                source.Values[slot] = value;
        }

        return source;
    }

    /// <summary>The default schema with its attribute mappings replaced by a matching userName and the ones given.</summary>
    public static SynchronizationSchema Schema(params AttributeMapping[] mappings)
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        ObjectMapping users = schema.UserMapping;
        users.AttributeMappings.Clear();
        users.Set(
            new AttributeMapping("userName") { Source = AttributeMappingSource.FromAttribute("userPrincipalName"), MatchingPriority = 1 }
        );
        foreach (AttributeMapping mapping in mappings)
            users.Set(mapping);
        return schema;
    }

    public static AttributeMapping Mapping(string target, string expression) =>
        new(target) { Source = AttributeMappingSource.FromExpression(expression) };

    /// <summary>What a mapping gives for the last attribute of a schema.</summary>
    public static object? MapLast(SynchronizationSchema schema, params (string Name, object? Value)[] attributes)
    {
        var mapping = CompiledMapping.Compile(schema);
        object?[] desired = new object?[mapping.Attributes.Count];
        mapping.Map(Object(mapping.Layout, attributes), desired);
        return desired[^1];
    }

    public static void Under(string culture, Action action)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
        try
        {
            action();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
