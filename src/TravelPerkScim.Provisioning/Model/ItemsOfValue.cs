using System.Collections;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Values of attributes, of which some are lists.</summary>
internal static class ItemsOfValue
{
    /// <summary>The items of a list, none of which is null; the value itself when it is no list.</summary>
    public static IEnumerable<object> Items(this object value) => value is IEnumerable list and not string ? list.Cast<object>() : [value];
}
