using System.Diagnostics;
using System.Reflection;

namespace TravelPerkScim.Benchmarks;

/// <summary>What Import-Module adds to the start of a session: whole processes, with the import and without, in turns.</summary>
internal sealed class ImportMeasurement : IMeasurement
{
    /// <summary>Path of the module's manifest.</summary>
    public static string Manifest { get; } =
        typeof(ImportMeasurement)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "ModuleManifest")
            .Value!;

    public string Verb => "import";

    public string Summary => "Import-Module in a new process, above a bare engine. [--rounds 9]";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        int rounds = arguments.Number("rounds", 9);
        string manifest = Manifest;
        List<double> bare = [],
            with = [];
        // The first of each brings the files into the disk cache.
        for (int round = -1; round < rounds; round++)
        {
            double alone = Start(null),
                imported = Start(manifest);
            if (round < 0)
                continue;
            bare.Add(alone);
            with.Add(imported);
        }
        return
        [
            Figure.Of(
                "import.time",
                with.Zip(bare, (imported, alone) => imported - alone),
                "ms",
                Goal.NoMoreThan(100),
                $"{(Pwsh.Path is null ? "an engine from NuGet" : "pwsh -NoProfile")} bare "
                    + $"{bare.Median():0} ms, with the module {with.Median():0} ms; medians of {rounds}"
            ) with
            {
                Bound =
                    "What the import needs of the engine (manifest, script, type data, views, cmdlet types) is compiled in each "
                    + "process: an engine from NuGet, or one built from its sources, is not precompiled as an installed pwsh is.",
            },
        ];
    }

    private static double Start(string? manifest)
    {
        long began = Stopwatch.GetTimestamp();
        if (Pwsh.Path is null)
        {
            _ = ChildProcess.Run("engine", manifest ?? "none");
        }
        else
        {
            using var process = Process.Start(
                Pwsh.Path,
                [
                    "-NoProfile",
                    "-NonInteractive",
                    "-Command",
                    manifest is null
                        ? "$null = Get-Module"
                        : $"$null = Get-Module; Import-Module '{manifest.Replace("'", "''", StringComparison.Ordinal)}'",
                ]
            );
            process.WaitForExit();
        }
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
