using System.Globalization;
using System.Text;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Reports;

/// <summary>Charts as SVG that stands in a page. Colours come from the page's style, and each chart is told in words too.</summary>
internal static class Charts
{
    private const int Width = 1000;
    private const int BarWidth = 12;
    private const int SparkHeight = 48;

    /// <summary>One bar whose parts are as long as their shares.</summary>
    public static string StackedBar(IReadOnlyList<ReportCount> parts)
    {
        double total = Math.Max(1, parts.Sum(part => part.Count));
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg class=\"chart bar\" viewBox=\"0 0 {Width} 24\" preserveAspectRatio=\"none\" "
                + $"role=\"img\" aria-label=\"{HtmlPage.Escape(InWords(parts))}\">"
        );
        double at = 0;
        foreach (ReportCount part in parts)
        {
            // A bar of one user among many must be seen too.
            double width = Math.Max(3, part.Count / total * Width);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect class=\"tone-{part.Tone}\" x=\"{at:0.#}\" y=\"0\" width=\"{Math.Max(1, width - 2):0.#}\" "
                    + $"height=\"24\"><title>{HtmlPage.Escape($"{part.Name}: {Number(part.Count)}")}</title></rect>"
            );
            at += width;
        }
        return svg.Append("</svg>").ToString();
    }

    /// <summary>The last cycles, the oldest first: each a bar as high as its writes, in the colour of how it ended.</summary>
    /// <param name="cycles">Cycles, the newest first.</param>
    public static string Sparkline(IReadOnlyList<CycleSummary> cycles)
    {
        double most = Math.Max(1, cycles.Max(WritesOf));
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg class=\"chart spark\" viewBox=\"0 0 {Math.Max(1, cycles.Count) * BarWidth} "
                + $"{SparkHeight}\" role=\"img\" aria-label=\"{HtmlPage.Escape(InWords(cycles))}\">"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<line class=\"base\" x1=\"0\" y1=\"{SparkHeight - 0.5}\" x2=\"{cycles.Count * BarWidth}\" y2=\"{SparkHeight - 0.5}\"/>"
        );
        for (int i = 0; i < cycles.Count; i++)
        {
            CycleSummary cycle = cycles[cycles.Count - 1 - i];
            double height = 3 + WritesOf(cycle) / most * (SparkHeight - 6);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect class=\"tone-{ToneOf(cycle.State)}\" x=\"{i * BarWidth + 1}\" y=\"{SparkHeight - 1 - height:0.#}\" "
                    + $"width=\"{BarWidth - 3}\" height=\"{height:0.#}\" "
                    + $"rx=\"1\"><title>{HtmlPage.Escape($"{ShownTime.Text(cycle.Began)}: {cycle}")}</title></rect>"
            );
        }
        return svg.Append("</svg>").ToString();
    }

    public static string ToneOf(CycleState state) =>
        state switch
        {
            CycleState.Succeeded => "good",
            CycleState.Failed => "bad",
            CycleState.Running => "update",
            _ => "warn",
        };

    public static long WritesOf(CycleSummary cycle) =>
        cycle.Counts.Created + cycle.Counts.Updated + cycle.Counts.Enabled + cycle.Counts.Disabled + cycle.Counts.Deleted;

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Such as "Create 12, Update 3".</summary>
    public static string InWords(IReadOnlyList<ReportCount> parts) =>
        string.Join(", ", parts.Select(part => $"{part.Name} {Number(part.Count)}"));

    private static string InWords(IReadOnlyList<CycleSummary> cycles) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The last {cycles.Count} cycles: {cycles.Count(cycle => cycle.State == CycleState.Succeeded)} succeeded; "
                + $"the most writes in one were {cycles.Max(WritesOf)}."
        );
}
