using System.Net;
using System.Text;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Channels;

/// <summary>The forms of a notification in a mail.</summary>
internal static class MailText
{
    /// <summary>One line, whatever the notification holds.</summary>
    public static string Subject(Notification notification) => Fitting.Cut(ShownText.Of(notification.Title), 200);

    /// <summary>The notification's id as a header may have it.</summary>
    public static string Id(Notification notification) =>
        string.Concat(notification.Id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));

    public static string Plain(Notification notification)
    {
        var text = new StringBuilder();
        Line(notification.Title);
        Line("");
        Line(notification.Text);
        Line("");
        foreach (NotificationFact fact in Facts(notification))
            Line($"{fact.Name}: {fact.Value}");
        foreach (string command in notification.Commands)
        {
            Line("");
            Line($"    {command}");
        }
        if (notification.Names.Count > 0)
        {
            Line("");
            Line("Users:");
            foreach (string name in notification.Names)
                Line($"    {name}");
        }
        return text.ToString();

        void Line(string line) => text.Append(line).Append("\r\n");
    }

    public static string Html(Notification notification)
    {
        var html = new StringBuilder("<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body style=\"font-family:sans-serif\">");
        Element("h2", notification.Title);
        Element("p", notification.Text);
        _ = html.Append("<table cellpadding=\"4\">");
        foreach (NotificationFact fact in Facts(notification))
        {
            _ = html.Append("<tr>");
            Element("td", fact.Name);
            Element("td", fact.Value);
            _ = html.Append("</tr>");
        }
        _ = html.Append("</table>");
        foreach (string command in notification.Commands)
            Element("pre", command);
        if (notification.Names.Count > 0)
        {
            _ = html.Append("<p>Users:</p><ul>");
            foreach (string name in notification.Names)
                Element("li", name);
            _ = html.Append("</ul>");
        }
        return html.Append("</body></html>").ToString();

        void Element(string name, string text) =>
            html.Append('<').Append(name).Append('>').Append(WebUtility.HtmlEncode(text)).Append("</").Append(name).Append('>');
    }

    private static IEnumerable<NotificationFact> Facts(Notification notification) =>
        notification.Facts.Prepend(new NotificationFact("Job", notification.Job));
}
