namespace TravelPerkScim.Operations.Reports;

/// <summary>The form of a report's file.</summary>
public enum ReportFormat : long
{
    /// <summary>One page with style, data and script in it, for a browser without a network.</summary>
    Html,

    /// <summary>For a pull request, or the summary of a pipeline's run.</summary>
    Markdown,

    /// <summary>One line an operation, for a spreadsheet.</summary>
    Csv,

    /// <summary>For programs.</summary>
    Json,
}

/// <summary>The forms by the ends of file names.</summary>
public static class ReportFormats
{
    private static readonly Dictionary<string, ReportFormat> s_byEnd = new(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = ReportFormat.Html,
        [".htm"] = ReportFormat.Html,
        [".md"] = ReportFormat.Markdown,
        [".markdown"] = ReportFormat.Markdown,
        [".csv"] = ReportFormat.Csv,
        [".json"] = ReportFormat.Json,
    };

    /// <summary>The form that a file's name asks for; null when it asks for none.</summary>
    /// <param name="path">The file.</param>
    public static ReportFormat? Of(string path) => s_byEnd.TryGetValue(Path.GetExtension(path), out ReportFormat format) ? format : null;
}
