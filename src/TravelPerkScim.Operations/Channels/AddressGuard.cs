using System.Net;
using System.Net.Sockets;

namespace TravelPerkScim.Operations.Channels;

/// <summary>Tells addresses of the internet from those of the machine, its own network and the cloud that it runs in.</summary>
internal static class AddressGuard
{
    // IANA's registries of special-purpose addresses, without those that are reachable from everywhere.
    private static readonly IPNetwork[] s_special =
    [
        .. new[]
        {
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            // The Azure host's own service, which answers to every virtual machine.
            "168.63.129.16/32",
            // Of 2000::/3: protocols of the IETF with Teredo, documentation, 6to4, which leads to any IPv4 address.
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "3fff::/20",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork s_global = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork s_nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether an address is on the internet. Everything that is not known to be is not.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return IsPublic(address.MapToIPv4());
        // The last four bytes are the IPv4 address behind the translator.
        if (s_nat64.Contains(address))
            return IsPublic(new IPAddress(address.GetAddressBytes()[12..]));
        bool reachable = address.AddressFamily == AddressFamily.InterNetwork || s_global.Contains(address);
        return reachable && !s_special.Any(network => network.Contains(address));
    }
}
