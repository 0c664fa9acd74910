using System.Text.Json;
using System.Text.Json.Serialization;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Why a state is not opened, although it is there.</summary>
internal enum StateMarkKind
{
    /// <summary>The state is a copy that has arrived, and the move to it has not come to its end.</summary>
    Arriving,

    /// <summary>The state was moved to another place. What is left is a backup.</summary>
    Moved,

    /// <summary>The job was removed.</summary>
    Removed,
}

/// <summary>What is said of a state that no cycle may use.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Place">Where the state is now, or came from, as messages call the place.</param>
/// <param name="Time">When, UTC.</param>
/// <param name="Move">The move. Both of its places have the same number.</param>
internal sealed record StateMark(StateMarkKind Kind, string Place, DateTimeOffset Time, Guid Move)
{
    private static readonly JsonSerializerOptions s_json = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Reads a mark; null for none.</summary>
    /// <exception cref="JsonException">The text is no mark.</exception>
    public static StateMark? Parse(string? text) => text is null ? null : JsonSerializer.Deserialize<StateMark>(text, s_json);

    /// <summary>Reads the mark of an open state; null for none.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static StateMark? Of(StateDatabase state) =>
        state
            .Rows(
                "SELECT text FROM named WHERE job = @job AND name = @p0",
                row => row.IsDBNull(0) ? null : Parse(row.GetString(0)),
                StateNames.Mark
            )
            .FirstOrDefault();

    /// <summary>Writes the mark into a state, within the transaction under way.</summary>
    public void Write(StateDatabase state) =>
        state.Execute(
            """
            INSERT INTO named (job, name, text) VALUES (@job, @p0, @p1) ON CONFLICT (job, name) DO UPDATE SET text = excluded.text
            """,
            StateNames.Mark,
            JsonSerializer.Serialize(this, s_json)
        );

    /// <summary>Takes the mark from a state, within the transaction under way.</summary>
    public static void Remove(StateDatabase state) => state.Execute("DELETE FROM named WHERE job = @job AND name = @p0", StateNames.Mark);

    /// <summary>Refuses a state that has a mark.</summary>
    /// <exception cref="ProvisioningException"><c>StateMoved</c>; <c>StateMoveUnfinished</c>; <c>StateRemoved</c>.</exception>
    public static void Refuse(StateMark? mark, string name)
    {
        if (mark is not null)
            throw mark.Refusal(name);
    }

    private ProvisioningException Refusal(string name)
    {
        string place = ShownText.Of(Place);
        string time = ShownTime.Text(Time);
        return Kind switch
        {
            StateMarkKind.Arriving => new ProvisioningException(
                "StateMoveUnfinished",
                $"The move of the job's state from '{place}' to '{name}' was cut off at {time}, so no cycle runs. "
                    + "Run Move-ProvisioningJobState with the same target again: it ends the move."
            ),
            StateMarkKind.Removed => new ProvisioningException(
                "StateRemoved",
                $"The job whose state was '{name}' was removed at {time}. Delete the job's folder on this machine too; "
                    + "or give a new job another stateKey."
            ),
            _ => new ProvisioningException(
                "StateMoved",
                $"The job's state '{name}' was moved to '{place}' at {time}. What is left is a backup, and no cycle uses it. "
                    + "Where job.json of this folder should name the new place, run Move-ProvisioningJobState with that target again: "
                    + "it ends a move that was cut off. A copy of the folder gets job.json from the folder in which the move was run."
            ),
        };
    }
}
