using System.Diagnostics;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Mapping.Tests;

namespace TravelPerkScim.Benchmarks;

/// <summary>
/// Random and mutated expressions and scoping filters over random values: nothing but a result or the language's own error may come of any
/// of them,
/// in bounded time, and what is printed must parse to itself. A failing seed prints itself.
/// </summary>
internal sealed class FuzzMeasurement : IMeasurement
{
    private const string Scope =
        "\"People\": (department EQUALS \"Sales\", 'Buying' OR [jobTitle] REGEX "
        + "MATCH \"^a+$\") AND accountEnabled IS TRUE OR employeeId Greater_Than 7";

    // A pattern may take two seconds of a core, and the machine is shared.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly SynchronizationSchema _schema = SynchronizationSchema.Default;
    private long _parsed,
        _compiled,
        _results,
        _errors,
        _failures,
        _done,
        _slowest;

    public string Verb => "fuzz";

    public string Summary => "Random and mutated expressions. [--count 1000000] [--seed 1]";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        int count = arguments.Number("count", 1_000_000),
            first = arguments.Number("seed", 1);
        long started = Stopwatch.GetTimestamp();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => Try(unchecked(first + i)));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return
        [
            new Figure(
                "fuzz.inputs",
                count,
                "inputs",
                null,
                $"{_parsed:N0} parsed, {_compiled:N0} compiled, {_results:N0} results, {_errors:N0} own errors, {count / seconds:N0}/s"
            ),
            new Figure("fuzz.failures", _failures, "inputs", Goal.NoMoreThan(0)),
            new Figure("fuzz.slowest", TimeSpan.FromTicks(_slowest).TotalMilliseconds, "ms", Goal.NoMoreThan(s_limit.TotalMilliseconds)),
        ];
    }

    private void Try(int seed)
    {
        string text = "";
        long started = Stopwatch.GetTimestamp();
        try
        {
            if (seed % 8 == 0)
                TryScope(text = new RandomExpressions(seed).Mutated(Scope));
            else
                TryExpression(new RandomExpressions(seed), seed, ref text);
            Interlocked.Increment(ref _results);
        }
        catch (MappingException)
        {
            Interlocked.Increment(ref _errors);
        }
        // Whatever it is, it is what is looked for, and the others go on.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail(seed, text, e.ToString());
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        if (elapsed > s_limit)
            Fail(seed, text, $"took {elapsed}");
        for (long slowest = Interlocked.Read(ref _slowest); elapsed.Ticks > slowest; slowest = Interlocked.Read(ref _slowest))
            Interlocked.CompareExchange(ref _slowest, elapsed.Ticks, slowest);
        if (Interlocked.Increment(ref _done) % 100_000 == 0)
            Console.Error.WriteLine($"{Interlocked.Read(ref _done):N0} inputs");
    }

    private void TryExpression(RandomExpressions random, int seed, ref string text)
    {
        text = ExpressionPrinter.Print(random.Tree(depth: 1 + (seed & int.MaxValue) % 5));
        if (seed % 4 == 0)
            text = random.Mutated(text);
        var expression = MappingExpression.Parse(text);
        Interlocked.Increment(ref _parsed);
        string printed = expression.ToString();
        if (printed.Length <= 10_000 && MappingExpression.Parse(printed).ToString() != printed)
            throw new InvalidOperationException($"It prints as {printed}, which parses to something else.");
        CompiledExpression compiled = expression.Compile();
        Interlocked.Increment(ref _compiled);
        var source = new SourceObject("a", compiled.Layout);
        for (int slot = 0; slot < source.Values.Length; slot++)
            source.Values[slot] = random.Value();
        object? value = compiled.Evaluate(source);
        foreach (TargetAttributeType type in Enum.GetValues<TargetAttributeType>())
            _ = ValueConverter.Convert(value, type, multiValued: seed % 3 == 0);
    }

    private void TryScope(string text)
    {
        string printed = ScopeText.Print(ScopeText.Parse(text, _schema));
        Interlocked.Increment(ref _parsed);
        if (ScopeText.Print(ScopeText.Parse(printed, _schema)) != printed)
            throw new InvalidOperationException($"It prints as {printed}, which parses to something else.");
    }

    private void Fail(int seed, string text, string what)
    {
        Interlocked.Increment(ref _failures);
        Console.Error.WriteLine($"seed {seed}: {text}\n  {what}");
    }
}
