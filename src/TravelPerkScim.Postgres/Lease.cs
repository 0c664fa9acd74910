using System.Data.Common;
using System.Globalization;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Postgres;

/// <summary>Who has a job, as the job's row says.</summary>
/// <param name="Owner">The owner as the row has it: machine, process, and a random number.</param>
/// <param name="Since">When the process took the lease, by the database's clock.</param>
/// <param name="Until">When the lease ends unless the process renews it, by the database's clock.</param>
internal sealed record Lease(string Owner, DateTimeOffset? Since, DateTimeOffset Until)
{
    /// <summary>The columns that <see cref="Of"/> reads.</summary>
    public const string Columns = "job.owner, job.since, CASE WHEN job.expires > clock_timestamp() THEN job.expires END";

    /// <summary>The process, such as "process 4711 on worker-2".</summary>
    public string Holder =>
        Owner.Split(' ') is [.. var machine, var process, _] ? $"process {process} on {string.Join(' ', machine)}" : Owner;

    /// <summary>Reads the lease of a row; null when no process has the job.</summary>
    public static Lease? Of(DbDataReader row, int column) =>
        row.IsDBNull(column) || row.IsDBNull(column + 2)
            ? null
            : new Lease(row.GetString(column), Time(row, column + 1), row.GetFieldValue<DateTimeOffset>(column + 2));

    public override string ToString()
    {
        string since = Since is { } time ? $" since {ShownTime.Text(time)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Holder}{since}, with a lease until {ShownTime.Text(Until)}");
    }

    private static DateTimeOffset? Time(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
