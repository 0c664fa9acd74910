using System.Data.Common;

namespace TravelPerkScim.Provisioning.State;

/// <summary>What a column holds, whatever the store.</summary>
internal enum ColumnKind
{
    Number,
    Text,
    Bytes,

    /// <summary>An anchor, which a file keeps in 16 bytes where it can.</summary>
    Anchor,

    /// <summary>A text that a store may encrypt.</summary>
    Sealed,
}

/// <summary>A column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds.</param>
internal sealed record StateColumn(string Name, ColumnKind Kind);

/// <summary>A table as every store has it, without the job: what has to come along when a state moves.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns, each nullable or not.</param>
/// <param name="Counter">The column whose numbers the store gives itself; null for none.</param>
/// <param name="Rows">Which rows of the job move; all unless said otherwise.</param>
internal sealed record StateTable(string Name, IReadOnlyList<StateColumn> Columns, string? Counter = null, string Rows = "job = @job")
{
    /// <summary>Every table of a state.</summary>
    public static readonly IReadOnlyList<StateTable> All =
    [
        Of("named", "name text, number number, text text, bytes bytes") with
        {
            Rows = $"job = @job AND name NOT IN ({StateNames.OfPlace})",
        },
        Of("link", "anchor anchor, target text, hash bytes, enabled number, keys bytes, unkept bytes"),
        Of("escrow", "anchor anchor, attempts number, next number, hash bytes, missing number, deleted number"),
        Of("waiting", "anchor anchor, manager anchor"),
        Of("intent", "anchor anchor, action number, target text, keys bytes, time number"),
        Of("staged", "anchor anchor, action number, cycle text, extent text"),
        Of("grouplink", "anchor anchor, target text, hash bytes"),
        Of("groupmember", "anchor anchor, member text"),
        Of("groupescrow", "anchor anchor, attempts number, next number, hash bytes"),
        Of("cycle", "number number, id text, began number, summary text") with
        {
            Counter = "number",
        },
        Of("word", "id number, digest number, text text") with
        {
            Counter = "id",
        },
        Of(
            "log",
            "id number, cycle number, action number, status number, identity text, anchor anchor, target text, changes bytes, error text, "
                + "reason number, duration number, type number, scope number, match number, note number"
        ),
        Of("alert", "rule text, subject text, memory text"),
        Of(
            "outbox",
            "number number, id text, channel text, created number, next number, lease number, attempts number, content sealed"
        ) with
        {
            Counter = "number",
        },
        Of("channel", "name text, memory text"),
    ];

    /// <summary>The tables that are also written beside a cycle, by processes that are not the writer.</summary>
    public static readonly IReadOnlyList<StateTable> BesideCycles =
    [
        .. All.Where(table => table.Name is "named" or "alert" or "outbox" or "channel"),
    ];

    private string Names => string.Join(", ", Columns.Select(column => column.Name));

    private string Places => string.Join(", ", Columns.Select((_, number) => FormattableString.Invariant($"@p{number}")));

    /// <summary>The state holds no row.</summary>
    public static bool IsEmpty(StateDatabase state) =>
        All.All(table => state.Scalar($"SELECT 1 FROM {table.Name} WHERE {table.Rows} LIMIT 1") is null);

    /// <summary>Deletes every row of the state, within the transaction under way.</summary>
    public static void Clear(StateDatabase state)
    {
        foreach (StateTable table in All)
            state.Execute($"DELETE FROM {table.Name} WHERE {table.Rows}");
    }

    /// <summary>The rows in the form that is the same for every store: numbers, texts, bytes or null. They are read one by one.</summary>
    public IEnumerable<object?[]> Read(StateDatabase state) =>
        state.Rows($"SELECT {Names} FROM {Name} WHERE {Rows}", row => Values(state, row));

    /// <summary>Adds a row.</summary>
    public void Add(StateDatabase state, object?[] values) =>
        state.Execute(
            $"INSERT INTO {Name} (job, {Names}) VALUES (@job, {Places})",
            [.. Columns.Zip(values, (c, v) => Stored(state, c, v))]
        );

    private object?[] Values(StateDatabase state, DbDataReader row)
    {
        object?[] values = new object?[Columns.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = row.IsDBNull(i) ? null : Value(state, row, i, Columns[i].Kind);
        return values;
    }

    private static object Value(StateDatabase state, DbDataReader row, int column, ColumnKind kind) =>
        kind switch
        {
            ColumnKind.Number => row.GetInt64(column),
            ColumnKind.Text => StateValue.InEveryStore(row.GetString(column)),
            ColumnKind.Sealed => StateValue.InEveryStore(state.Unsealed(row.GetString(column))),
            ColumnKind.Anchor => StateValue.InEveryStore(state.Anchor(row, column)),
            _ => row.GetFieldValue<byte[]>(column),
        };

    private static object Stored(StateDatabase state, StateColumn column, object? value) =>
        (column.Kind, value) switch
        {
            (_, null) => DBNull.Value,
            (ColumnKind.Anchor, string anchor) => state.Anchor(anchor),
            (ColumnKind.Sealed, string text) => state.Sealed(text),
            _ => value,
        };

    private static StateTable Of(string name, string columns) =>
        new(
            name,
            [
                .. columns
                    .Split(", ")
                    .Select(column => column.Split(' '))
                    .Select(parts => new StateColumn(parts[0], Enum.Parse<ColumnKind>(parts[1], ignoreCase: true))),
            ]
        );
}
