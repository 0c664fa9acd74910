using System.Runtime.InteropServices;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Dictionaries that hold a list for each key.</summary>
internal static class ListsByKey
{
    /// <summary>Adds an item to the list of a key, which is made for the first item.</summary>
    public static void AddTo<TKey, T>(this Dictionary<TKey, List<T>> lists, TKey key, T item)
        where TKey : notnull
    {
        ref List<T>? list = ref CollectionsMarshal.GetValueRefOrAddDefault(lists, key, out _);
        list ??= [];
        list.Add(item);
    }
}
