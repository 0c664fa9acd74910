using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace TravelPerkScim.Postgres;

/// <summary>
/// Statements of a transaction that go to the server together. Rows of one statement become one statement with an array for each column,
/// because PostgreSQL reads and plans each statement, and each of its values, for longer than it carries one row out. Not thread-safe.
/// </summary>
/// <param name="connection">Sends the statements.</param>
/// <param name="text">Writes the names of tables as the server needs them.</param>
/// <param name="job">The job's number, the first value of each statement.</param>
internal sealed partial class StatementBatch(NpgsqlConnection connection, Func<string, string> text, long job)
{
    /// <summary>The number of rows that are put off at most.</summary>
    private const int MostRows = 1000;

    private readonly Dictionary<string, Shape> _shapes = new(StringComparer.Ordinal);
    private readonly List<Run> _runs = [];
    private readonly Dictionary<string, Run> _open = new(StringComparer.Ordinal);

    // The latest statement that writes a row, so that the writes of one row keep their order.
    private readonly Dictionary<(string Table, object Key), int> _writers = [];
    private int _rows;

    /// <summary>No statement was put off.</summary>
    public bool IsEmpty => _runs.Count == 0;

    /// <summary>Puts a statement off.</summary>
    /// <returns>The batch is full.</returns>
    public bool Add(string sql, object[] values)
    {
        if (!_shapes.TryGetValue(sql, out Shape? shape))
            _shapes[sql] = shape = Shape.Of(text(sql));
        RunFor(sql, shape, values).Rows.Add(values);
        return ++_rows == MostRows;
    }

    /// <summary>Sends the statements that were put off.</summary>
    public void Execute()
    {
        using var batch = new NpgsqlBatch(connection);
        foreach (Run run in _runs)
            batch.BatchCommands.Add(run.Command(job));
        batch.ExecuteNonQuery();
        Clear();
    }

    /// <summary>Forgets the statements that were put off.</summary>
    public void Clear()
    {
        _runs.Clear();
        _open.Clear();
        _writers.Clear();
        _rows = 0;
    }

    // A row joins the latest run of its statement, unless that run or a later one writes the same row.
    private Run RunFor(string sql, Shape shape, object[] values)
    {
        if (!shape.TakesRows)
        {
            // What the statement writes is not known here, so no later row may go before it.
            _open.Clear();
            return Begin(shape);
        }
        (string, object) row = (shape.Table, values[0]);
        int latest = _writers.GetValueOrDefault(row, -1);
        if (!_open.TryGetValue(sql, out Run? run) || run.Place <= latest)
            _open[sql] = run = Begin(shape);
        _writers[row] = run.Place;
        return run;
    }

    private Run Begin(Shape shape)
    {
        var run = new Run(shape, _runs.Count);
        _runs.Add(run);
        return run;
    }

    /// <summary>One statement, and the rows that it writes.</summary>
    private sealed record Run(Shape Shape, int Place)
    {
        public List<object[]> Rows { get; } = [];

        public NpgsqlBatchCommand Command(long job)
        {
            (string text, IEnumerable<object> values) = Shape.Statement(Rows);
            var command = new NpgsqlBatchCommand(text);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = job });
            foreach (object value in values)
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            return command;
        }
    }

    /// <summary>How a statement is written for one row and for many.</summary>
    private abstract partial record Shape
    {
        /// <summary>The statement can be one for many rows. Its first value tells the rows of one table apart, or tells less.</summary>
        public virtual bool TakesRows => true;

        public string Table { get; private init; } = "";

        public static Shape Of(string sql)
        {
            string numbered = Value().Replace(sql, value => Position(value.Groups["number"]));
            if (InsertForm().Match(numbered) is { Success: true } insert && IsInOrder(insert.Groups["row"].Value))
                return new Insert(insert.Groups["head"].Value, insert.Groups["tail"].Value) { Table = insert.Groups["table"].Value };
            if (DeleteForm().Match(numbered) is { Success: true } delete)
                return new Delete(delete.Groups["head"].Value) { Table = delete.Groups["table"].Value };
            return new Other(numbered);
        }

        /// <summary>The statement's text and its values, without the job.</summary>
        /// <param name="rows">The values of each row, at least one row.</param>
        public abstract (string Text, IEnumerable<object> Values) Statement(List<object[]> rows);

        // $1 is the job.
        private static string Position(Group number) =>
            number.Success
                ? string.Create(CultureInfo.InvariantCulture, $"${int.Parse(number.ValueSpan, CultureInfo.InvariantCulture) + 2}")
                : "$1";

        // A statement may use a value twice.
        private static bool IsInOrder(string row) => row == Row(1, row.Count(c => c == ',') + 1);

        private static string Row(int first, int width) => string.Join(", ", Enumerable.Range(first, width).Select(n => $"${n}"));

        [GeneratedRegex(@"@(?:job|p(?<number>\d+))\b")]
        private static partial Regex Value();

        [GeneratedRegex(@"^\s*(?<head>INSERT INTO (?<table>\S+) \([^()]*\)\s+VALUES )\((?<row>\$1(?:, \$\d+)+)\)(?<tail>[^$]*)$")]
        private static partial Regex InsertForm();

        [GeneratedRegex(@"^\s*(?<head>DELETE FROM (?<table>\S+) WHERE job = \$1 AND anchor = )\$2\s*$")]
        private static partial Regex DeleteForm();

        private sealed record Insert(string Head, string Tail) : Shape
        {
            public override (string Text, IEnumerable<object> Values) Statement(List<object[]> rows)
            {
                if (rows.Count == 1)
                    return ($"{Head}($1, {Row(2, rows[0].Length)}){Tail}", rows[0]);
                Array?[] columns = [.. Enumerable.Range(0, rows[0].Length).Select(at => Column(rows, at))];
                Array[] filled = [.. columns.OfType<Array>()];
                string names = string.Join(", ", filled.Select((_, n) => $"c{n}"));
                int next = 0;
                string selected = string.Join(", ", columns.Select(column => column is null ? "NULL" : $"c{next++}"));
                string into = Head[..^"VALUES ".Length];
                return ($"{into}SELECT $1, {selected} FROM unnest({Row(2, filled.Length)}) AS row ({names}){Tail}", filled);
            }

            // A column without any value has no type.
            private static Array? Column(List<object[]> rows, int at) =>
                rows.Select(row => row[at]).FirstOrDefault(value => value is not DBNull) switch
                {
                    null => null,
                    string => rows.ConvertAll(row => row[at] as string).ToArray(),
                    byte[] => rows.ConvertAll(row => row[at] as byte[]).ToArray(),
                    long or int => rows.ConvertAll(row => Number(row[at])).ToArray(),
                    { } other => throw new NotSupportedException($"No array of {other.GetType()} was ever sent to PostgreSQL."),
                };

            private static long? Number(object value) => value is DBNull ? null : Convert.ToInt64(value, CultureInfo.InvariantCulture);
        }

        private sealed record Delete(string Head) : Shape
        {
            public override (string Text, IEnumerable<object> Values) Statement(List<object[]> rows) =>
                ($"{Head}ANY($2)", [rows.ConvertAll(row => (string)row[0]).ToArray()]);
        }

        private sealed record Other(string Sql) : Shape
        {
            public override bool TakesRows => false;

            public override (string Text, IEnumerable<object> Values) Statement(List<object[]> rows) => (Sql, rows[0]);
        }
    }
}
