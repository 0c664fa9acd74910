using System.Management.Automation;

namespace TravelPerkScim.Help;

/// <summary>Types under the names that PowerShell users know.</summary>
internal static class TypeName
{
    /// <summary>In full, as Get-Member shows it.</summary>
    public static string Of(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? Of(inner)
        : type.IsArray ? Of(type.GetElementType()!) + "[]"
        : type.FullName ?? type.Name;

    /// <summary>Short, as syntax shows it.</summary>
    public static string Short(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? Short(inner)
        : type.IsArray ? Short(type.GetElementType()!) + "[]"
        : type == typeof(SwitchParameter) ? "SwitchParameter"
        : type.Name;
}
