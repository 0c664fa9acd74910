using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Benchmarks;

/// <summary>What no machine can change: how many requests the cycles of a job's life take.</summary>
internal sealed class RequestsMeasurement : IMeasurement
{
    public string Verb => "requests";

    public string Summary =>
        "Requests of an initial cycle into an empty target, of one into a full target, and of one with nothing to do. [--users 2000]";

    public IReadOnlyList<Figure> Run(Arguments arguments) => RunAsync(arguments.Number("users", 2000)).GetAwaiter().GetResult();

    private static async Task<IReadOnlyList<Figure>> RunAsync(int users)
    {
        var options = new SandboxOptions();
        await using var bench = new Bench(options, users);
        (CycleSummary initial, _) = await bench.RunAsync(bench.NewJob());
        long created = initial.Counts.Created;

        // A job that has never run, before a target that another one has filled.
        long requests = bench.Sandbox.RequestCount,
            writes = bench.Sandbox.WriteCount;
        ProvisioningJob second = bench.NewJob();
        (CycleSummary full, _) = await bench.RunAsync(second);
        long reads = bench.Sandbox.RequestCount - requests,
            pages = (users + options.PageCap - 1) / options.PageCap;
        writes = bench.Sandbox.WriteCount - writes;
        (CycleSummary idle, _) = await bench.RunAsync(second);
        if (created != users || full.Counts.Linked + full.Counts.Unchanged != users)
            throw new InvalidOperationException($"Not the cycles that were meant: {initial.Counts}; {full.Counts}.");
        return
        [
            new Figure(
                "initial.requests",
                initial.Counts.Requests / (double)created,
                "requests/created user",
                Goal.NoMoreThan(1.05),
                $"{initial.Counts.Requests:N0} requests for {created:N0} users, all but one with a manager"
            ),
            new Figure(
                "full-target.requests",
                reads / (double)pages,
                "requests/page",
                Goal.NoMoreThan(1),
                $"{reads} requests for {pages} pages of {options.PageCap} users"
            ),
            new Figure("full-target.writes", writes, "writes", Goal.NoMoreThan(0)),
            new Figure(
                "unchanged.requests",
                idle.Counts.Requests,
                "requests",
                Goal.NoMoreThan(0),
                $"{idle.Counts.Unchanged:N0} users read and compared"
            ),
        ];
    }
}
