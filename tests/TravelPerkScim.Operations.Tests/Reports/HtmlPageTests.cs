using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Operations.Reports;

namespace TravelPerkScim.Operations.Tests.Reports;

/// <summary>The page that reports and the status page of the worker are made of.</summary>
public sealed class HtmlPageTests
{
    [Fact]
    public void The_policy_lets_its_own_style_and_script_run_and_nothing_else()
    {
        string page = Write(new HtmlPage { Title = "Jobs", Script = "document.title = 'ran';" });

        string policy = Between(page, "Content-Security-Policy\" content=\"", "\">");
        Assert.StartsWith("default-src 'none'; ", policy, StringComparison.Ordinal);
        Assert.Contains($"style-src {HashOf(Between(page, "<style>", "</style>"))};", policy, StringComparison.Ordinal);
        Assert.Contains($"script-src {HashOf("document.title = 'ran';")};", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_without_a_script_lets_none_run() =>
        Assert.Contains("script-src 'none';", Write(new HtmlPage { Title = "Jobs" }), StringComparison.Ordinal);

    [Fact]
    public void A_title_stays_text() =>
        Assert.Contains(
            "<title>&lt;/title&gt;&lt;script&gt;</title>",
            Write(new HtmlPage { Title = "</title><script>" }),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;")]
    [InlineData("\"' &amp;", "&quot;&#x27; &amp;amp;")]
    [InlineData("gnp.\u202Eexe", "gnp.\\u202eexe")]
    [InlineData("\u001b[31mred", "\\u001b[31mred")]
    [InlineData("Łukasz Åberg 東京", "Łukasz Åberg 東京")]
    [InlineData(null, "")]
    public void Text_of_others_stays_text(string? text, string escaped) => Assert.Equal(escaped, HtmlPage.Escape(text));

    private static string Write(HtmlPage page)
    {
        using var writer = new StringWriter();
        page.Write(writer, body => body.Write("<main></main>"));
        return writer.ToString();
    }

    private static string Between(string text, string begin, string end)
    {
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private static string HashOf(string content) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";
}
