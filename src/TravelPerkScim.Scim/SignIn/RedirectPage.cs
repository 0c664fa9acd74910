using System.Text;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>The pages that the browser shows when it comes back. They are static, so that no part of the request can be put into
/// them.</summary>
internal static class RedirectPage
{
    public static readonly ReadOnlyMemory<byte> Done = Page(
        "200 OK",
        "TravelPerk has answered",
        "Go back to PowerShell; this window can be closed."
    );

    public static readonly ReadOnlyMemory<byte> Failed = Page(
        "400 Bad Request",
        "You are not signed in",
        "PowerShell says why; this window can be closed."
    );

    public static readonly ReadOnlyMemory<byte> Foreign = Page(
        "400 Bad Request",
        "This is not the answer to the sign-in",
        "It was not taken, and PowerShell goes on waiting. Close other sign-in windows and open the address that PowerShell gave."
    );

    public static readonly ReadOnlyMemory<byte> NotFound = Page("404 Not Found", "Not found", "There is nothing here.");

    private static byte[] Page(string status, string title, string text)
    {
        string body =
            $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>"
            + $"<body><h1>{title}</h1><p>{text}</p></body></html>";
        string[] head =
        [
            $"HTTP/1.1 {status}",
            "Content-Type: text/html; charset=utf-8",
            $"Content-Length: {body.Length}",
            "Cache-Control: no-store",
            "Content-Security-Policy: default-src 'none'",
            // The address holds the code.
            "Referrer-Policy: no-referrer",
            "Connection: close",
        ];
        return Encoding.ASCII.GetBytes(string.Join("\r\n", head) + "\r\n\r\n" + body);
    }
}
