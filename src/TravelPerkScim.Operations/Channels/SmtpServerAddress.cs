namespace TravelPerkScim.Operations.Channels;

/// <summary>A mail server, and who signs in to it. It may hold a password, and never shows it.</summary>
internal sealed class SmtpServerAddress
{
    private SmtpServerAddress(string host, int port, bool implicitTls, string? user = null, string? password = null) =>
        (Host, Port, ImplicitTls, User, Password) = (host, port, implicitTls, user, password);

    public string Host { get; }

    public int Port { get; }

    /// <summary>TLS from the first byte, instead of STARTTLS.</summary>
    public bool ImplicitTls { get; }

    /// <summary>The user that signs in; null for a relay without a sign-in.</summary>
    public string? User { get; }

    public string? Password { get; }

    /// <summary>A server without a password.</summary>
    public static SmtpServerAddress Of(string host, int port) => new(host, port, implicitTls: port == 465);

    /// <summary>Reads <c>smtp://user:password@server:587</c> or <c>smtps://...</c>, whose user and password are percent-encoded; null when
    /// it is no such address.</summary>
    public static SmtpServerAddress? Read(string address)
    {
        bool isServer =
            Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            && uri is { Scheme: "smtp" or "smtps", Host.Length: > 0, AbsolutePath: "" or "/", Query: "", Fragment: "" };
        if (!isServer)
            return null;
        bool implicitTls = uri!.Scheme == "smtps";
        if (uri.UserInfo.Length == 0)
            return new SmtpServerAddress(uri.DnsSafeHost, PortOf(uri, relay: 25), implicitTls);
        return uri.UserInfo.Split(':', 2) is [{ Length: > 0 } user, { Length: > 0 } password]
            ? new SmtpServerAddress(
                uri.DnsSafeHost,
                PortOf(uri, relay: 587),
                implicitTls,
                Uri.UnescapeDataString(user),
                Uri.UnescapeDataString(password)
            )
            : null;
    }

    private static int PortOf(Uri uri, int relay)
    {
        if (uri.Port > 0)
            return uri.Port;
        return uri.Scheme == "smtps" ? 465 : relay;
    }
}
