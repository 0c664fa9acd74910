using System.Collections.Frozen;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>The functions of the language, by name (Entra: "Reference for writing expressions for attribute mappings").</summary>
public static class ExpressionFunctions
{
    private static readonly FrozenDictionary<string, ExpressionFunction> s_byName = new[]
    {
        LogicFunctions.All,
        FlowFunctions.All,
        TextFunctions.All,
        ListFunctions.All,
        ConversionFunctions.All,
        DateFunctions.All,
        ReplaceFunction.All,
        RandomFunctions.All,
        RoleFunctions.All,
        DirectoryFunctions.All,
    }
        .SelectMany(family => family)
        .ToFrozenDictionary(function => function.Name, StringComparer.Ordinal);

    /// <summary>Every function, in the order of their names.</summary>
    public static IReadOnlyList<ExpressionFunction> All { get; } =
    [.. s_byName.Values.OrderBy(function => function.Name, StringComparer.Ordinal)];

    internal static ExpressionFunction? Find(string name) => s_byName.GetValueOrDefault(name);
}
