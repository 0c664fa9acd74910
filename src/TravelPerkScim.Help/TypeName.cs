namespace TravelPerkScim.Help;

/// <summary>Types under the names that PowerShell users know.</summary>
internal static class TypeName
{
    /// <summary>In full, as Get-Member shows it.</summary>
    public static string Of(Type type) => Write(type, plain => plain.FullName!);

    /// <summary>Short, as syntax shows it.</summary>
    public static string Short(Type type) => Write(type, plain => plain.Name);

    private static string Write(Type type, Func<Type, string> nameOf)
    {
        if (type.IsArray)
            return Write(type.GetElementType()!, nameOf) + "[]";
        return nameOf(Nullable.GetUnderlyingType(type) ?? type);
    }
}
