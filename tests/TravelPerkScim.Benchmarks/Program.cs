using System.Globalization;

namespace TravelPerkScim.Benchmarks;

internal static class Program
{
    private static readonly IMeasurement[] s_all =
    [
        new MappingMeasurement(),
        new FuzzMeasurement(),
        new GraphMeasurement(),
        new RequestsMeasurement(),
        new ThroughputMeasurement(),
        new ApplyMeasurement(),
        new LimitMeasurement(),
        new LimitersMeasurement(),
        new CpuMeasurement(),
        new MemoryMeasurement(),
        new StateMeasurement(),
        new StoresMeasurement(),
        new ImportMeasurement(),
        new OnDemandMeasurement(),
        new LoopMeasurement(),
    ];

    // They take as long as they are told, and are asked for by name only.
    private static readonly IMeasurement[] s_longRuns = [new WorkerMeasurement(), new ClusterMeasurement(), new IdleMeasurement()];

    /// <returns>0; 1 when a goal was missed; 2 when the command line was not understood.</returns>
    private static int Main(string[] words)
    {
        string verb = words.FirstOrDefault() ?? "";
        if (verb == ChildProcess.Verb)
        {
            ChildProcess.Do(words[1..]);
            return 0;
        }
        if (verb == ShiftedWorker.Verb)
        {
            ShiftedWorker.Run(words[1..]);
            return 0;
        }
        IMeasurement[] asked = verb == "summary" ? s_all : [.. s_all.Concat(s_longRuns).Where(measurement => measurement.Verb == verb)];
        if (asked.Length == 0)
        {
            Console.Error.WriteLine("Usage: dotnet run -c Release --project tests/TravelPerkScim.Benchmarks -- <verb>");
            foreach (IMeasurement measurement in s_all.Concat(s_longRuns))
                Console.Error.WriteLine($"  {measurement.Verb, -10} {measurement.Summary}");
            Console.Error.WriteLine(
                $"  {"summary", -10} All of them but worker, cluster and idle, in a table. --users (100000) is for the largest; the others scale along."
            );
            Console.Error.WriteLine("--earlier <folder> prints the figures of another commit's checkout beside, measured in the same run.");
            return 2;
        }

#if DEBUG
        Console.Error.WriteLine("This is a Debug build. Run with -c Release: the figures mean little otherwise.");
#endif
        var arguments = new Arguments(words, verb == "summary");
        try
        {
            var earlier = EarlierCommit.Of(arguments);
            var figures = new List<Figure>();
            foreach (IMeasurement measurement in asked)
            {
                figures.AddRange(measurement.Run(arguments));
                earlier?.Measure(measurement.Verb, arguments);
            }
            Print(figures, earlier);
            return figures.Exists(figure => figure.Missed) ? 1 : 0;
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
    }

    private static void Print(List<Figure> figures, EarlierCommit? earlier)
    {
        string[][] rows =
        [
            ["name", "value", "runs", "earlier", "unit", "goal", "beside"],
            .. figures.Select(figure =>
                new[]
                {
                    figure.Name,
                    figure.Text,
                    figure.Spread,
                    earlier?.ValueOf(figure.Name) ?? "",
                    figure.Unit,
                    figure.Goal is null ? "" : $"{figure.Goal}{(figure.Missed ? " MISSED" : "")}",
                    figure.Beside ?? "",
                }
            ),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            Console.WriteLine(
                string.Join("  ", row.Select((cell, column) => column == 1 ? cell.PadLeft(widths[1]) : cell.PadRight(widths[column])))
                    .TrimEnd()
            );
        }
        foreach (Figure missed in figures.Where(figure => figure is { Missed: true, Bound: not null }))
            Console.WriteLine($"{missed.Name} is bounded by: {missed.Bound}");
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Environment.ProcessorCount} cores, .NET {Environment.Version}, "
                    + $"{System.Runtime.InteropServices.RuntimeInformation.OSDescription}"
            )
        );
    }
}
