using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.PowerShell.Tests.Support;

/// <summary>A tenant behind a Graph on loopback, with an enterprise application that has people assigned, and sessions connected to
/// it.</summary>
internal sealed class EntraTenant : IAsyncDisposable
{
    public const string Id = "7d0f5b0e-62a4-4a0b-9f3c-5b0f6a3d9c11";
    public const string EveryPermission = "Application.Read.All GroupMember.Read.All User.Read.All";

    public EntraTenant(int users = 0)
    {
        Application = Directory.AddApplication("TravelPerk");
        Staff = Directory.AddGroup("Travellers");
        Directory.Assign(Application, Staff);
        for (int n = 1; n <= users; n++)
            Hire(n);
    }

    public StandInGraph Graph { get; } = new();

    public StandInDirectory Directory => Graph.Directory;

    public StandInApplication Application { get; }

    /// <summary>A group that is assigned to the application.</summary>
    public StandInGroup Staff { get; }

    /// <summary>Adds a user who is assigned through the group.</summary>
    public StandInUser Hire(int n)
    {
        StandInUser user = Directory.AddUser(
            $"user{n}@example.com",
            ("givenName", $"Given{n}"),
            ("surname", $"Family{n}"),
            ("jobTitle", "Title")
        );
        Directory.AddMember(Staff, user);
        return user;
    }

    /// <summary>An access token in the form of Entra's, unsigned, because it is not checked here.</summary>
    public static string Token(
        string? roles = EveryPermission,
        string? scp = null,
        DateTimeOffset? ends = null,
        string? tenant = Id,
        string? upn = null
    )
    {
        var claims = new Dictionary<string, object?>
        {
            ["tid"] = tenant,
            ["appid"] = "0d1f3a52-6c1c-4bb0-9d6a-0a4a53b4d6d1",
            ["app_displayname"] = "Provisioning runbook",
            ["upn"] = upn,
            ["roles"] = roles?.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            ["scp"] = scp,
            ["exp"] = (ends ?? DateTimeOffset.UtcNow.AddHours(1)).ToUnixTimeSeconds(),
        };
        string payload = JsonSerializer.Serialize(claims.Where(claim => claim.Value is not null).ToDictionary());
        return $"{Encode("{\"alg\":\"none\"}")}.{Encode(payload)}.{Encode("signature-canary")}";
    }

    /// <summary>Connects a session to this tenant.</summary>
    public Session Connect(Session session, string? token = null, string more = "")
    {
        session.Run(
            $"param($token, $uri) Connect-EntraDirectory -AccessToken $token -GraphEndpoint $uri {more}",
            Session.Secret(token ?? Token()),
            Graph.Endpoint
        );
        return session;
    }

    public ValueTask DisposeAsync() => Graph.DisposeAsync();

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
