using System.Text.Json;

namespace TravelPerkScim.Provisioning.State;

/// <summary>The attributes that the source gave in the last cycle that read the whole source.</summary>
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
            // Another version of the module wrote the value. The next cycle writes it in this version's form.
            return null;
        }
    }

    public static void Write(JobState state, GivenAttributes given) => state.SetNamed(Name, JsonSerializer.Serialize(given));
}
