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
                "SELECT memory FROM alert WHERE job = @job ORDER BY rule, subject",
                row => JsonSerializer.Deserialize<Alert>(row.GetString(0), s_json)!
            ),
        ];

    public void Set(Alert alert)
    {
        if (alert.IsEmpty)
        {
            database.Execute("DELETE FROM alert WHERE job = @job AND rule = @p0 AND subject = @p1", alert.Rule.ToString(), alert.Subject);
        }
        else
        {
            database.Execute(
                """
                INSERT INTO alert (job, rule, subject, memory) VALUES (@job, @p0, @p1, @p2)
                ON CONFLICT (job, rule, subject) DO UPDATE SET memory = excluded.memory
                """,
                alert.Rule.ToString(),
                alert.Subject,
                JsonSerializer.Serialize(alert, s_json)
            );
        }
    }

    public Dictionary<string, ChannelMemory> ReadChannels() =>
        database
            .Rows(
                "SELECT name, memory FROM channel WHERE job = @job",
                row => (row.GetString(0), JsonSerializer.Deserialize<ChannelMemory>(row.GetString(1), s_json)!)
            )
            .ToDictionary(channel => channel.Item1, channel => channel.Item2, StringComparer.Ordinal);

    public void SetChannel(string name, ChannelMemory? memory)
    {
        if (memory is null)
        {
            database.Execute("DELETE FROM channel WHERE job = @job AND name = @p0", name);
        }
        else
        {
            database.Execute(
                """
                INSERT INTO channel (job, name, memory) VALUES (@job, @p0, @p1)
                ON CONFLICT (job, name) DO UPDATE SET memory = excluded.memory
                """,
                name,
                JsonSerializer.Serialize(memory, s_json)
            );
        }
    }
}
