using System.Globalization;
using Microsoft.Kiota.Abstractions;

namespace TravelPerkScim.Entra.Http;

/// <summary>What a request costs of the resource units that Graph gives an application in a tenant ("Identity and access service
/// limits").</summary>
internal static class ResourceUnits
{
    /// <summary>A page this small costs one unit less.</summary>
    private const int SmallPage = 20;

    /// <summary>The units of a request that is sent by itself, or of the requests of a batch together.</summary>
    public static int Of(HttpRequestMessage request)
    {
        if (BatchUnits.Of(request) is { } units)
            return units;
        // The first segment is the version.
        string[] parts = request.RequestUri!.PathAndQuery.Split('/', 3);
        return Of(parts[^1]);
    }

    /// <param name="path">The path after the version, with its query.</param>
    public static int Of(string path)
    {
        string[] parts = path.Split('?', 2);
        int units = parts[0].Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["groups", _, "transitiveMembers", ..] => 5,
            ["groups", _, "members", ..] => 3,
            ["users" or "applications", ..] or ["servicePrincipals", _, "appRoleAssignedTo" or "appRoleAssignments", ..] => 2,
            _ => 1,
        };
        string query = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
        return Math.Max(1, units + query.Split('&').Sum(CostOf));
    }

    private static int CostOf(string option) =>
        option.Split('=', 2) switch
        {
            ["$select", _] => -1,
            ["$expand", _] => 1,
            ["$top", var top] when int.TryParse(top, CultureInfo.InvariantCulture, out int size) && size < SmallPage => -1,
            _ => 0,
        };
}

/// <summary>The resource units of the requests in a batch. Graph counts each of them.</summary>
internal sealed class BatchUnits(int units) : IRequestOption
{
    // The key under which Kiota hands the options of a request to the handlers.
    private static readonly HttpRequestOptionsKey<IRequestOption> s_key = new(typeof(BatchUnits).FullName!);

    private int Units => units;

    /// <summary>The units; null for a request that is no batch.</summary>
    public static int? Of(HttpRequestMessage request) =>
        request.Options.TryGetValue(s_key, out IRequestOption? option) ? ((BatchUnits)option).Units : null;
}
