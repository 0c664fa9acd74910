using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace TravelPerkScim.Operations.Channels;

/// <summary>Sends mail from a mailbox of Microsoft 365 through Microsoft Graph.</summary>
internal sealed class GraphMailChannel(ChannelHttp http, AppTokens tokens, Uri graph, string mailbox, IReadOnlyList<string> to)
    : HttpChannel(http, "Microsoft Graph")
{
    // Graph takes requests of 4 MB; a mail that long is not read.
    private const int MostBytes = 200 << 10;

    public override ValueTask DisposeAsync()
    {
        tokens.Dispose();
        return base.DisposeAsync();
    }

    private protected override async Task<HttpRequestMessage> RequestAsync(Notification notification, CancellationToken cancellationToken)
    {
        string token = await tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        HttpRequestMessage request = Post(
            new Uri(graph, $"v1.0/users/{Uri.EscapeDataString(mailbox)}/sendMail"),
            Fitting.Fit(notification, MostBytes, Mail)
        );
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    private protected override string? Advice(HttpStatusCode status)
    {
        if (status == HttpStatusCode.Unauthorized)
            tokens.Forget();
        return status switch
        {
            HttpStatusCode.NotFound => $"Check that there is a mailbox '{mailbox}'.",
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                $"The application may not send as '{mailbox}': give it the role \"Application "
                    + $"Mail.Send\" for this mailbox in Exchange (about_TravelPerkScim_Unattended).",
            _ => null,
        };
    }

    private byte[] Mail(Notification notification) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                message = new
                {
                    subject = MailText.Subject(notification),
                    body = new { contentType = "HTML", content = MailText.Html(notification) },
                    toRecipients = to.Select(address => new { emailAddress = new { address } }),
                    // Graph takes headers of its callers that begin with x-.
                    internetMessageHeaders = new[]
                    {
                        new { name = "x-notification-id", value = MailText.Id(notification) },
                        new { name = "x-auto-response-suppress", value = "All" },
                    },
                },
                saveToSentItems = false,
            }
        );
}
