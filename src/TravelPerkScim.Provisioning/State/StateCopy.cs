using System.Globalization;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Copies a state from one store to another, row by row, and proves that the copy is the same.</summary>
/// <param name="from">The state. It stays as it is.</param>
/// <param name="to">Where it goes.</param>
internal sealed class StateCopy(StateDatabase from, StateDatabase to)
{
    // Often enough for Ctrl+C and for a progress bar.
    private const int RowsBetween = 1000;

    private readonly Dictionary<string, StateSum> _sums = new(StringComparer.Ordinal);

    /// <summary>How many rows were copied.</summary>
    public long Rows { get; private set; }

    /// <summary>Puts the rows into the place of those that are there, within the transaction under way, reads them back, and
    /// compares.</summary>
    /// <exception cref="ProvisioningException"><c>StateCopyDiffers</c>; <c>StateUnreadable</c>.</exception>
    public void Run(Action<long> progress, CancellationToken cancellationToken)
    {
        Rows = 0;
        StateTable.Clear(to);
        foreach (StateTable table in StateTable.All)
        {
            StateSum read = Copy(table, progress, cancellationToken);
            var written = StateSum.Of(table, to, cancellationToken);
            if (written != read)
                throw Differs(table, read, written);
            _sums[table.Name] = read;
        }
    }

    /// <summary>The rows that are written beside cycles are still those that were copied.</summary>
    public bool IsCurrent() => StateTable.BesideCycles.All(table => StateSum.Of(table, from) == _sums[table.Name]);

    private StateSum Copy(StateTable table, Action<long> progress, CancellationToken cancellationToken)
    {
        StateSum sum = default;
        foreach (object?[] values in table.Read(from))
        {
            table.Add(to, values);
            sum = sum.With(values);
            if (++Rows % RowsBetween != 0)
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            progress(Rows);
        }
        if (table.Counter is { } counter)
            to.CountOn(table.Name, counter);
        return sum;
    }

    private ProvisioningException Differs(StateTable table, StateSum read, StateSum written) =>
        new(
            "StateCopyDiffers",
            string.Create(
                CultureInfo.InvariantCulture,
                $"The state was not moved: of the table '{table.Name}', {read.Rows} rows were read from '{from.Name}', and {written.Rows} "
            )
                + $"came back from '{to.Name}' with another content. The job's state is unchanged in its place. "
                + "Run the command again; when the error comes again, report it."
        );
}
