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
        if (
            !Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            || uri.Scheme is not ("smtp" or "smtps")
            || uri.Host.Length == 0
            || uri.AbsolutePath is not ("" or "/")
            || uri.Query.Length > 0
            || uri.Fragment.Length > 0
        )
        {
            return null;
        }
        bool implicitTls = uri.Scheme == "smtps";
        bool signsIn = uri.UserInfo.Length > 0;
        int port =
            uri.Port > 0 ? uri.Port
            : implicitTls ? 465
            : signsIn ? 587
            : 25;
        if (!signsIn)
            return new SmtpServerAddress(uri.DnsSafeHost, port, implicitTls);
        int colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
        return colon <= 0 || colon == uri.UserInfo.Length - 1
            ? null
            : new SmtpServerAddress(
                uri.DnsSafeHost,
                port,
                implicitTls,
                Uri.UnescapeDataString(uri.UserInfo[..colon]),
                Uri.UnescapeDataString(uri.UserInfo[(colon + 1)..])
            );
    }
}
