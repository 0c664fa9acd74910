using System.Diagnostics;
using System.Reflection;

namespace TravelPerkScim.Benchmarks;

/// <summary>What Import-Module adds to the start of a session: whole processes, with the import and without, in turns.</summary>
internal sealed class ImportMeasurement : IMeasurement
{
    public string Verb => "import";

    public string Summary => "Import-Module in a new process, above a bare engine. [--rounds 9]";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        int rounds = arguments.Number("rounds", 9);
        string manifest = typeof(ImportMeasurement).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "ModuleManifest").Value!;
        List<double> bare = [], with = [];
        // The first of each brings the files into the disk cache.
        for (int round = -1; round < rounds; round++)
        {
            double alone = Start("none"), imported = Start(manifest);
            if (round < 0)
                continue;
            bare.Add(alone);
            with.Add(imported);
        }
        return
        [
            new Figure("import.time", with.Median() - bare.Median(), "ms", Goal.NoMoreThan(150), $"a process with a bare engine {bare.Median():0} ms, with the module {with.Median():0} ms; medians of {rounds}")
            {
                Bound = "Import-Module compiles its own code and the module's manifest, script and views when it first runs; a second module of the same session costs less.",
            },
        ];
    }

    private static double Start(string manifest)
    {
        long began = Stopwatch.GetTimestamp();
        _ = ChildProcess.Run("engine", manifest);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
