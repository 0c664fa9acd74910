using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace TravelPerkScim.Operations.Channels;

/// <summary>What the channels use of the world around them. The defaults are the real ones.</summary>
internal sealed record ChannelNetwork
{
    /// <summary>The clock of timestamps and token lifetimes.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Finds the addresses of a host.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>How long one request of a web channel, or one step of a mail, may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Authorities that are trusted beside those of the machine; empty outside tests.</summary>
    public X509Certificate2Collection Roots { get; init; } = [];

    /// <summary>Microsoft's sign-in service.</summary>
    public Uri SignIn { get; init; } = new("https://login.microsoftonline.com/");

    /// <summary>Microsoft Graph.</summary>
    public Uri Graph { get; init; } = new("https://graph.microsoft.com/");

    /// <summary>The servers that a token for Exchange Online may be sent to.</summary>
    public IReadOnlyList<string> ExchangeHosts { get; init; } =
    ["smtp.office365.com", "smtp-legacy.office365.com", "outlook.office365.com"];

    /// <summary>Whether a server's certificate is its own, in time, and issued by a trusted authority. There is no way around it.</summary>
    public bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (Roots.Count == 0 || errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(Roots);
        using var presented = new X509Certificate2(certificate);
        return chain.Build(presented);
    }
}
