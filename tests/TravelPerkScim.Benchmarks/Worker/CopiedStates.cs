using System.Globalization;
using TravelPerkScim.Provisioning.Tests.State;

namespace TravelPerkScim.Benchmarks;

/// <summary>Copies the state of the job <c>job1</c> in a PostgreSQL, so that thousands of jobs need not run once before.</summary>
internal sealed class CopiedStates(string database)
{
    private static readonly string[] s_tables = ["link (anchor, target, hash, enabled, keys, unkept)", "cycle (id, began, summary)"];

    private static readonly TimeSpan s_slow = TimeSpan.FromMinutes(10);

    public static string NameOf(int job) => string.Create(CultureInfo.InvariantCulture, $"job{job}");

    /// <summary>Makes further jobs.</summary>
    /// <param name="count">How many.</param>
    /// <param name="interval">Their cycles began within that time.</param>
    public void Copy(int count, TimeSpan interval)
    {
        const string New =
            "(SELECT * FROM travelperkscim.job WHERE NOT EXISTS (SELECT 1 FROM travelperkscim.named WHERE job = job.id)) made";
        const string Template = "(SELECT id FROM travelperkscim.job WHERE key = 'job1')";
        Sql(
            $"""
            INSERT INTO travelperkscim.job (key)
                SELECT 'job' || n FROM generate_series((SELECT count(*) FROM travelperkscim.job) + 1, (SELECT count(*) FROM travelperkscim.job) + {count}) n
            """
        );
        foreach (string table in s_tables)
        {
            string name = table.Split(' ')[0],
                columns = table[(name.Length + 2)..^1];
            Sql(
                $"INSERT INTO travelperkscim.{name} (job, {columns}) SELECT made.id, {columns.Replace("id", "t.id", StringComparison.Ordinal)} FROM travelperkscim.{name} t, {New} WHERE t.job = {Template}"
            );
        }
        Sql(
            $"""
            INSERT INTO travelperkscim.named (job, name, number, text, bytes)
                SELECT made.id, t.name, t.number, CASE t.name WHEN 'job' THEN made.key ELSE t.text END, t.bytes
                FROM travelperkscim.named t, {New} WHERE t.job = {Template}
            """
        );
        Spread(interval, TimeSpan.Zero);
    }

    /// <summary>Has the last cycle of each job begun at another time, so that the next ones are due evenly.</summary>
    /// <param name="interval">The interval of the jobs.</param>
    /// <param name="lead">How long until the first one is due.</param>
    public void Spread(TimeSpan interval, TimeSpan lead) =>
        Sql(
            string.Create(
                CultureInfo.InvariantCulture,
                $$$"""
                DELETE FROM travelperkscim.cycle WHERE number NOT IN (SELECT max(number) FROM travelperkscim.cycle GROUP BY job);
                WITH place AS (SELECT id, row_number() OVER () / count(*) OVER ()::float AS share FROM travelperkscim.job),
                    begun AS (SELECT id, now() + interval '{{{lead.TotalSeconds}}} seconds' - share * interval '{{{interval.TotalSeconds}}} seconds' AS time FROM place),
                    shown AS (SELECT id, time, to_jsonb(to_char(time at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')) AS text FROM begun)
                UPDATE travelperkscim.cycle SET began = extract(epoch FROM time) * 1000, summary = jsonb_set(jsonb_set(summary::jsonb,
                    '{Began}', text), '{Ended}', text)::text FROM shown WHERE shown.id = cycle.job
                """
            )
        );

    private void Sql(string statement) =>
        PostgresCluster.Sql(string.Create(CultureInfo.InvariantCulture, $"{database};Command Timeout={s_slow.TotalSeconds}"), statement);
}
