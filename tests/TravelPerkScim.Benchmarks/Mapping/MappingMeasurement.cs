using System.Diagnostics;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Benchmarks;

/// <summary>Users mapped a second on one core with the default mapping, beside hand-written C# that maps the same users in the same
/// run.</summary>
internal sealed class MappingMeasurement : IMeasurement
{
    private const int Users = 2_000;

    public string Verb => "mapping";

    public string Summary => "The default 19-attribute mapping beside hand-written C#. [--rounds 15]";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        int rounds = arguments.Number("rounds", 15);
        var mapping = CompiledMapping.Compile(SynchronizationSchema.Default);
        SampleUser[] users = SampleUser.Make(Users, seed: 7);
        SourceObject[] sources = [.. users.Select(user => user.ToSource(mapping.Layout))];
        object?[] desired = new object?[mapping.Attributes.Count];
        CheckSame(mapping, users, sources);

        var mapped = new List<Sample>();
        var written = new List<Sample>();
        // Interleaved, so that whatever else the machine does falls on both; the first rounds warm up the compiler.
        for (int round = -5; round < rounds; round++)
        {
            Sample ours = Measure(() =>
            {
                foreach (SourceObject source in sources)
                    mapping.Map(source, desired);
            });
            Sample theirs = Measure(() =>
            {
                foreach (SampleUser user in users)
                    HandWritten.Map(user, desired);
            });
            if (round < 0)
                continue;
            mapped.Add(ours);
            written.Add(theirs);
        }

        double rate = Median(mapped.Select(sample => sample.Rate)),
            beside = Median(written.Select(sample => sample.Rate));
        return
        [
            new Figure("mapping.rate", rate, "users/s/core", Goal.NoLessThan(200_000), $"hand-written {beside:N0}"),
            Figure.Of(
                "mapping.ratio",
                mapped.Zip(written, (ours, theirs) => theirs.Rate / ours.Rate),
                "times hand-written",
                Goal.NoMoreThan(3),
                $"median of {rounds} interleaved rounds"
            ),
            new Figure(
                "mapping.bytes",
                Median(mapped.Select(sample => sample.Bytes)),
                "bytes allocated/user",
                null,
                $"hand-written {Median(written.Select(sample => sample.Bytes)):0.##}"
            ),
        ];
    }

    private static void CheckSame(CompiledMapping mapping, SampleUser[] users, SourceObject[] sources)
    {
        object?[] ours = new object?[mapping.Attributes.Count],
            theirs = new object?[mapping.Attributes.Count];
        for (int i = 0; i < users.Length; i++)
        {
            mapping.Map(sources[i], ours);
            HandWritten.Map(users[i], theirs);
            for (int a = 0; a < ours.Length; a++)
            {
                if (
                    !(
                        ours[a] is IEnumerable<object> list && theirs[a] is IEnumerable<object> other
                            ? list.SequenceEqual(other)
                            : Equals(ours[a], theirs[a])
                    )
                )
                {
                    throw new InvalidOperationException(
                        $"{users[i].UserPrincipalName}, {mapping.Attributes[a].TargetName}: "
                            + $"the mapping gives '{ours[a]}', hand-written code '{theirs[a]}'. They must do the same to be compared."
                    );
                }
            }
        }
    }

    private static Sample Measure(Action pass)
    {
        const int Passes = 25;
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < Passes; i++)
            pass();
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Sample(Users * Passes / seconds, (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)(Users * Passes));
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    private sealed record Sample(double Rate, double Bytes);
}
