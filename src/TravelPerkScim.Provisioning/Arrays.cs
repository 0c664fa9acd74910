namespace TravelPerkScim.Provisioning;

/// <summary>Lists that PowerShell shows. It cannot index the list types that a collection expression makes, so that <c>$operation.Changes[0]</c> would be nothing.</summary>
internal static class Arrays
{
    public static T[] AsArray<T>(this IReadOnlyList<T> list) => list as T[] ?? [.. list];
}
