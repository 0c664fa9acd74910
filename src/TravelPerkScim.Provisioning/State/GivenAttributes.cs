using System.Text.Json;

namespace TravelPerkScim.Provisioning.State;

/// <summary>What the source gave in the last cycle that read all of it.</summary>
/// <param name="Counts">Name of each attribute, and how many entries had a value.</param>
/// <param name="Lines">Entries that were read.</param>
internal sealed record GivenAttributes(IReadOnlyDictionary<string, long> Counts, long Lines)
{
    private const string Name = "source attributes";

    public static GivenAttributes? Read(JobState state)
    {
        try
        {
            return state.Named(Name) is { } json && JsonSerializer.Deserialize<GivenAttributes>(json) is { Counts: not null } given
                ? given with
                {
                    Counts = new Dictionary<string, long>(given.Counts, StringComparer.OrdinalIgnoreCase),
                }
                : null;
        }
        catch (JsonException)
        {
            // Another version's form: the next cycle writes this one's.
            return null;
        }
    }

    public static void Write(JobState state, GivenAttributes given) => state.SetNamed(Name, JsonSerializer.Serialize(given));
}
