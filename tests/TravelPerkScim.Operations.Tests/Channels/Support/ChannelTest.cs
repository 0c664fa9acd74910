using System.Net;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Tests.Channels;

/// <summary>What the tests of the channels share: secrets in environment variables of their own, and a notification that has
/// everything.</summary>
public abstract class ChannelTest : IDisposable
{
    internal const string Hostile = "<img src=x onerror=alert(1)> *bold* [link](https://evil.example) & \"quoted\"";

    private readonly List<string> _variables = [];

    internal ChannelNetwork Network { get; set; } = new() { Roots = [TestCertificate.Trusted], Timeout = TimeSpan.FromSeconds(10) };

    internal static Notification Sample { get; } =
        new()
        {
            Id = "0196a5b2-7c1e-7d30-9a55-000000000001",
            Job = "contoso",
            Rule = NotificationRule.DeletesStaged,
            Change = NotificationChange.Begun,
            Time = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero),
            Title = "contoso: 12 disables wait for an approval",
            Text = "The cycle would disable 12 users, and the job allows 5. Look at them, then approve.",
            Facts = [new("Disables", "12"), new("Department", Hostile)],
            Commands = ["Invoke-Provisioning ./contoso -ApproveCycle 0196a5b2-7c1e-7d30-9a55-3f2b1c0d9e8f"],
            Names = [Hostile, "anna@contoso.com"],
        };

    public void Dispose()
    {
        foreach (string variable in _variables)
            Environment.SetEnvironmentVariable(variable, null);
        GC.SuppressFinalize(this);
    }

    /// <summary>Puts a secret where job.json can name it.</summary>
    internal SecretPlace Secret(string value, string? clientId = null)
    {
        string name = $"CHANNEL_TEST_{Guid.NewGuid():N}";
        _variables.Add(name);
        Environment.SetEnvironmentVariable(name, value);
        return new SecretPlace(SecretFrom.Environment, name, ClientId: clientId);
    }

    internal async Task<ChannelAnswer> SendAsync(NotificationChannel channel, Notification? notification = null)
    {
        await using INotificationChannel open = await OpenAsync(channel);
        return await open.SendAsync(notification ?? Sample, CancellationToken.None);
    }

    internal Task<INotificationChannel> OpenAsync(NotificationChannel channel) =>
        new ChannelOpener(new SecretReader(), Network).OpenAsync(channel, CancellationToken.None);

    internal static Task<IPAddress[]> ResolvedAsync(params string[] addresses) =>
        Task.FromResult<IPAddress[]>([.. addresses.Select(IPAddress.Parse)]);
}
