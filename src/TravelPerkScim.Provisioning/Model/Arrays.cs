using System.Collections.ObjectModel;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Lists that PowerShell shows. PowerShell cannot index the list types that a collection expression makes:
/// <c>$operation.Changes[0]</c> would be nothing.</summary>
internal static class Arrays
{
    public static T[] AsArray<T>(this IReadOnlyList<T> list) => list as T[] ?? [.. list];

    /// <summary>A list that shows its items as text where only text has a place, such as a cell that Export-Csv writes.</summary>
    public static IReadOnlyList<T> AsShown<T>(this IReadOnlyList<T> list) => list as ShownList<T> ?? new ShownList<T>(list.AsArray());

    private sealed class ShownList<T>(T[] items) : ReadOnlyCollection<T>(items)
    {
        public override string ToString() => string.Join("; ", Items);
    }
}
