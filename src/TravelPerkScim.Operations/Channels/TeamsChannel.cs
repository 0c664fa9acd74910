using System.Text;
using System.Text.Json;

namespace TravelPerkScim.Operations.Channels;

/// <summary>Posts an adaptive card to a Teams workflow "When a Teams webhook request is received".</summary>
internal sealed class TeamsChannel(ChannelHttp http, Uri address) : HttpChannel(http, "The Teams workflow")
{
    /// <summary>Teams takes messages of 28 KB.</summary>
    internal const int MostBytes = 27 << 10;

    private protected override Task<HttpRequestMessage> RequestAsync(Notification notification, CancellationToken cancellationToken) =>
        Task.FromResult(Post(address, Fitting.Fit(notification, MostBytes, Card)));

    private protected override string? Advice(System.Net.HttpStatusCode status) =>
        "Look in Power Automate whether the workflow is there, is switched on, and has an owner, and set the channel to its present URL.";

    private static byte[] Card(Notification notification)
    {
        // A text run shows its text as it is; a text block reads it as Markdown.
        List<object> body = [Text(notification.Title, weight: "Bolder", size: "Large"), Text(notification.Text)];
        body.Add(
            new
            {
                type = "FactSet",
                facts = notification
                    .Facts.Prepend(new NotificationFact("Job", notification.Job))
                    .Select(fact => new { title = Escape(fact.Name), value = Escape(fact.Value) }),
            }
        );
        body.AddRange(notification.Commands.Select(command => Text(command, fontType: "Monospace")));
        if (notification.Names.Count > 0)
            body.Add(Text($"Users: {string.Join(", ", notification.Names)}"));
        return JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object>
            {
                ["type"] = "message",
                ["summary"] = notification.Title,
                ["attachments"] = new[]
                {
                    new Dictionary<string, object>
                    {
                        ["contentType"] = "application/vnd.microsoft.card.adaptive",
                        ["content"] = new Dictionary<string, object>
                        {
                            ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json",
                            ["type"] = "AdaptiveCard",
                            ["version"] = "1.4",
                            ["msteams"] = new { width = "Full" },
                            ["body"] = body,
                        },
                    },
                },
            }
        );
    }

    private static object Text(string text, string weight = "Default", string size = "Default", string fontType = "Default") =>
        new
        {
            type = "RichTextBlock",
            inlines = new[]
            {
                new
                {
                    type = "TextRun",
                    text,
                    weight,
                    size,
                    fontType,
                },
            },
        };

    /// <summary>Text that Markdown shows as it is. The facts of a card are Markdown.</summary>
    internal static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        for (int i = 0; i < text.Length; i++)
        {
            if (MakesList(text, i) || @"\`*_[]()<>#~|!&{}".Contains(text[i], StringComparison.Ordinal))
                _ = escaped.Append('\\');
            _ = escaped.Append(text[i]);
        }
        return escaped.ToString();
    }

    /// <summary>At the begin, '-', '+' and "1." make a list.</summary>
    private static bool MakesList(string text, int at)
    {
        if (at == 0)
            return text[0] is '-' or '+';
        if (text[at] is not ('.' or ')') || text.AsSpan(0, at).ContainsAnyExceptInRange('0', '9'))
            return false;
        return at + 1 < text.Length && text[at + 1] == ' ';
    }
}
