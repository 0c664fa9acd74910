using System.Net;
using System.Text.Json;

namespace TravelPerkScim.Operations.Channels;

/// <summary>Posts blocks to an incoming webhook of Slack.</summary>
internal sealed class SlackChannel(ChannelHttp http, Uri address) : HttpChannel(http, "Slack")
{
    internal const int MostCharacters = 3000;
    internal const int MostBlocks = 50;
    private const int MostHeader = 150;
    private const int MostFieldsOfBlock = 10;
    private const int MostBytes = 64 << 10;

    private protected override Task<HttpRequestMessage> RequestAsync(Notification notification, CancellationToken cancellationToken) =>
        Task.FromResult(Post(address, Fitting.Fit(notification, MostBytes, Message)));

    private protected override string? Advice(HttpStatusCode status) =>
        "Look in Slack whether the app's incoming webhook and its channel are still there, and set the channel to its present URL.";

    private static byte[] Message(Notification notification)
    {
        List<object> blocks =
        [
            new
            {
                type = "header",
                text = new
                {
                    type = "plain_text",
                    text = Fitting.Cut(notification.Title, MostHeader),
                    emoji = false,
                },
            },
        ];
        if (notification.Text.Length > 0)
            blocks.Add(Section(notification.Text));
        blocks.AddRange(
            notification
                .Facts.Prepend(new NotificationFact("Job", notification.Job))
                .Chunk(MostFieldsOfBlock)
                .Select(facts => new
                {
                    type = "section",
                    fields = facts.Select(fact => Text($"*{Escaped(fact.Name, 100)}*\n{Escaped(fact.Value, 1800)}")),
                })
        );
        blocks.AddRange(
            notification.Commands.Select(command => Section(command, code: !command.Contains("```", StringComparison.Ordinal)))
        );
        if (notification.Names.Count > 0)
            blocks.Add(Section($"Users: {string.Join(", ", notification.Names)}"));
        return JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                text = Escaped(notification.Title, MostCharacters),
                unfurl_links = false,
                blocks = blocks.Take(MostBlocks),
            }
        );
    }

    private static object Section(string text, bool code = false)
    {
        string escaped = Escaped(text, MostCharacters - "``````".Length);
        return new { type = "section", text = Text(code ? $"```{escaped}```" : escaped) };
    }

    // Verbatim: no name becomes a mention, no word a link.
    private static object Text(string text) =>
        new
        {
            type = "mrkdwn",
            text,
            verbatim = true,
        };

    /// <summary>Slack's control characters as entities, within a length.</summary>
    private static string Escaped(string text, int most)
    {
        for (int length = Math.Min(text.Length, most); ; length -= Math.Max(1, length / 10))
        {
            string escaped = Fitting
                .Cut(text, length)
                .Replace("&", "&amp;", StringComparison.Ordinal)
                .Replace("<", "&lt;", StringComparison.Ordinal)
                .Replace(">", "&gt;", StringComparison.Ordinal);
            if (escaped.Length <= most)
                return escaped;
        }
    }
}
