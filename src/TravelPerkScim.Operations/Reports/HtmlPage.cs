using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Reports;

/// <summary>
/// A page in one file: its style and its script are in it, and it sends no request. Its content security policy makes
/// sure of that.
/// The policy knows style and script by their hashes. An attribute <c>style</c> or <c>onclick</c> has no effect in it, so text that got in
/// unescaped could do nothing.
/// </summary>
public sealed class HtmlPage
{
    private static readonly string s_style = Asset("page.css");

    /// <summary>The heading of the browser's window, as plain text.</summary>
    public required string Title { get; init; }

    /// <summary>The only script that may run in the page; null when none may.</summary>
    public string? Script { get; init; }

    /// <summary>After how many seconds a browser reads the page again; null for never.</summary>
    public int? RefreshSeconds { get; init; }

    /// <summary>What the page may load and run, for its own head, and for the header <c>Content-Security-Policy</c> where a server sends
    /// it.</summary>
    public string ContentSecurityPolicy =>
        $"default-src 'none'; style-src {HashOf(s_style)}; "
        + $"script-src {(Script is null ? "'none'" : HashOf(Script))}; base-uri 'none'; form-action 'none'";

    /// <summary>Text as it may stand between tags and in a quoted attribute. Characters that cannot be seen, or that change how others
    /// look, are shown as <c>\u202e</c>.</summary>
    /// <param name="text">Any text; null gives nothing.</param>
    public static string Escape(string? text) => string.IsNullOrEmpty(text) ? "" : Encoder.Encode(ShownText.Of(text));

    /// <summary>Writes the page, from the document type to its end.</summary>
    /// <param name="writer">Takes it. In a file or an answer it has to be UTF-8.</param>
    /// <param name="body">Writes what stands in <c>body</c>: a <c>header</c>, <c>main</c> and <c>footer</c> as a rule. Whatever it writes
    /// of others' text, it escapes.</param>
    public void Write(TextWriter writer, Action<TextWriter> body)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(body);
        writer.Write(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{ContentSecurityPolicy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <meta name="color-scheme" content="light dark">{Refresh}
            <title>{Escape(Title)}</title>
            <style>{s_style}</style>
            </head>
            <body>

            """.ReplaceLineEndings("\n")
        );
        body(writer);
        if (Script is not null)
            writer.Write($"<script>{Script}</script>\n");
        writer.Write("</body>\n</html>\n");
    }

    /// <summary>A text that the assembly brings along. A browser reads each line end as LF, and hashes that.</summary>
    internal static string Asset(string name)
    {
        using Stream content = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        using var reader = new StreamReader(content, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    // Letters of all scripts stay as they are; the five characters that mean something in HTML do not.
    private static HtmlEncoder Encoder { get; } = HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All);

    private string Refresh =>
        RefreshSeconds is { } seconds ? FormattableString.Invariant($"\n<meta http-equiv=\"refresh\" content=\"{seconds}\">") : "";

    private static string HashOf(string content) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";
}
