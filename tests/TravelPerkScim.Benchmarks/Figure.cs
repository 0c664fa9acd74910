using System.Globalization;

namespace TravelPerkScim.Benchmarks;

/// <summary>One number that was measured.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">Of what.</param>
/// <param name="Goal">What it should be, and whether it is; null when it is only to be known.</param>
/// <param name="Beside">What was measured in the same run to compare with, or null.</param>
internal sealed record Figure(string Name, double Value, string Unit, Goal? Goal = null, string? Beside = null)
{
    /// <summary>What keeps it from being better; printed when the goal is missed.</summary>
    public string? Bound { get; init; }

    /// <summary>The values of single runs, whose median the figure is; empty where it was measured once.</summary>
    public IReadOnlyList<double> Runs { get; init; } = [];

    /// <summary>No run met the goal. Where one did, the miss is within what the machine's noise does.</summary>
    public bool Missed => Goal is { } goal && !Runs.Append(Value).Any(goal.Met);

    public string Text => Show(Value);

    public string Spread => Runs.Count < 2 ? "" : $"{Show(Runs.Min())} to {Show(Runs.Max())}";

    /// <summary>The median of several runs.</summary>
    public static Figure Of(string name, IEnumerable<double> runs, string unit, Goal? goal = null, string? beside = null)
    {
        double[] values = [.. runs];
        return new Figure(name, values.Median(), unit, goal, beside) { Runs = values };
    }

    public static string Show(double value) => value.ToString(value >= 1000 ? "N0" : "0.##", CultureInfo.InvariantCulture);
}

/// <summary>A bound on a figure.</summary>
internal sealed record Goal(double Bound, bool AtMost)
{
    public bool Met(double value) => AtMost ? value <= Bound : value >= Bound;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(AtMost ? "<=" : ">=")} {Bound:#,0.##}");

    public static Goal NoMoreThan(double bound) => new(bound, AtMost: true);

    public static Goal NoLessThan(double bound) => new(bound, AtMost: false);
}

/// <summary>Something that can be measured. A new one is a new file, and a line in <see cref="Program"/>.</summary>
internal interface IMeasurement
{
    /// <summary>What to call it on the command line.</summary>
    string Verb { get; }

    /// <summary>What it measures, in a line.</summary>
    string Summary { get; }

    IReadOnlyList<Figure> Run(Arguments arguments);
}
