namespace TravelPerkScim.Mapping;

/// <summary>Finds the known name that a person may have meant by an unknown name.</summary>
internal static class NearestName
{
    /// <summary>The known name with the fewest changed letters, or null when none is near. A SCIM extension's attributes count by their
    /// name after the URN as well.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        (string? nearest, int least) = (null, int.MaxValue);
        foreach (string candidate in known)
        {
            int distance = Math.Min(Distance(name, candidate), Distance(Tail(name), Tail(candidate)));
            if (distance < least)
                (nearest, least) = (candidate, distance);
        }
        // Two letters that changed places are two changes; a name of one letter is near to nothing.
        int length = Tail(name).Length;
        return least <= Math.Min(length - 1, Math.Max(2, length / 3)) ? nearest : null;
    }

    /// <summary>A sentence that offers the nearest name, or nothing.</summary>
    public static string Offer(string name, IEnumerable<string> known) =>
        Of(name, known) is { } nearest ? $" The nearest name is '{nearest}'." : "";

    private static string Tail(string name) => name[(name.LastIndexOf(':') + 1)..];

    /// <summary>Levenshtein's distance without case.</summary>
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > left.Length)
            return int.MaxValue;
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                bool same = char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]);
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1)));
            }
        }
        return row[right.Length];
    }
}
