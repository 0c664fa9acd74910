using System.Text.Json;
using System.Text.Json.Serialization;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>The job's alerts and the memory of its channels. Neither names a user.</summary>
internal sealed class StateAlerts(StateDatabase database)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    };

    public IReadOnlyList<Alert> Read() =>
        [
            .. database.Rows(
                "SELECT memory FROM alert ORDER BY rule, subject",
                row => JsonSerializer.Deserialize<Alert>(row.GetString(0), s_json)!
            ),
        ];

    public void Set(Alert alert)
    {
        if (alert.IsEmpty)
        {
            database.Execute("DELETE FROM alert WHERE rule = $p0 AND subject = $p1", alert.Rule.ToString(), alert.Subject);
        }
        else
        {
            database.Execute(
                "INSERT OR REPLACE INTO alert VALUES ($p0, $p1, $p2)",
                alert.Rule.ToString(),
                alert.Subject,
                JsonSerializer.Serialize(alert, s_json)
            );
        }
    }

    public Dictionary<string, ChannelMemory> ReadChannels() =>
        database
            .Rows(
                "SELECT name, memory FROM channel",
                row => (row.GetString(0), JsonSerializer.Deserialize<ChannelMemory>(row.GetString(1), s_json)!)
            )
            .ToDictionary(channel => channel.Item1, channel => channel.Item2, StringComparer.Ordinal);

    public void SetChannel(string name, ChannelMemory? memory)
    {
        if (memory is null)
            database.Execute("DELETE FROM channel WHERE name = $p0", name);
        else
            database.Execute("INSERT OR REPLACE INTO channel VALUES ($p0, $p1)", name, JsonSerializer.Serialize(memory, s_json));
    }
}
