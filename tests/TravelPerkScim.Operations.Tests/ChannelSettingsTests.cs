using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Operations.Tests;

/// <summary>The notifications in job.json.</summary>
public sealed class ChannelSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("job-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_job_keeps_its_notifications()
    {
        var mail = new NotificationChannel("it-mail", NotificationChannelType.Smtp)
        {
            To = ["it@contoso.com"],
            From = "travelperk@contoso.com",
            Host = "relay.contoso.com",
        };
        var teams = new NotificationChannel("teams", NotificationChannelType.Teams)
        {
            Address = new SecretPlace(SecretFrom.Environment, "TEAMS_URL"),
            Rules = [NotificationRule.DeletesStaged, NotificationRule.Quarantine],
        };
        Create(new JobNotifications { Channels = [mail, teams], Digest = DigestFrequency.Weekly });

        JobNotifications read = ProvisioningJob.Open(Path.Combine(_folder, "job")).Settings.Notifications!;

        Assert.Equal(["it-mail", "teams"], read.Channels.Select(channel => channel.Name));
        Assert.Equal(["it@contoso.com"], read.Channels[0].To);
        Assert.Equal(teams.Address, read.Channels[1].Address);
        Assert.True(read.Channels[1].Takes(NotificationRule.Quarantine));
        Assert.False(read.Channels[1].Takes(NotificationRule.Digest));
        Assert.Equal((DigestFrequency.Weekly, TimeSpan.FromDays(1), false), (read.Digest, read.RepeatAfter, read.IncludeNames));
    }

    public static TheoryData<NotificationChannel, string> Incomplete =>
        new()
        {
            {
                new NotificationChannel("a b", NotificationChannelType.Slack) { Address = Url },
                "notifications.channels.a b.name"
            },
            {
                new NotificationChannel("mail", NotificationChannelType.Smtp) { To = ["it@contoso.com"], From = "a@contoso.com" },
                "notifications.channels.mail.host"
            },
            {
                new NotificationChannel("mail", NotificationChannelType.Smtp)
                {
                    To = ["it"],
                    From = "a@contoso.com",
                    Host = "h",
                },
                "notifications.channels.mail.to"
            },
            {
                new NotificationChannel("mail", NotificationChannelType.Smtp)
                {
                    To = ["it@c.com\r\nBcc: x@y.z"],
                    From = "a@contoso.com",
                    Host = "h",
                },
                "notifications.channels.mail.to"
            },
            {
                new NotificationChannel("mail", NotificationChannelType.Smtp)
                {
                    To = ["it@c.com"],
                    From = "a@contoso.com",
                    Host = "h",
                    Port = 0,
                },
                "notifications.channels.mail.port"
            },
            {
                new NotificationChannel("mail", NotificationChannelType.Smtp)
                {
                    To = ["it@c.com"],
                    From = "a@contoso.com",
                    Host = "h:2525",
                },
                "notifications.channels.mail.host"
            },
            { new NotificationChannel("teams", NotificationChannelType.Teams), "notifications.channels.teams.address" },
            {
                new NotificationChannel("graph", NotificationChannelType.GraphMail) { To = ["it@c.com"], From = "a@contoso.com" },
                "notifications.channels.graph.secret"
            },
            {
                new NotificationChannel("slack", NotificationChannelType.Slack) { Address = Url, To = ["it@c.com"] },
                "notifications.channels.slack.to"
            },
            {
                new NotificationChannel("slack", NotificationChannelType.Slack) { Address = Url, AllowedHost = "a b" },
                "notifications.channels.slack.allowedHost"
            },
        };

    [Theory]
    [MemberData(nameof(Incomplete))]
    public void A_channel_that_could_not_send_is_refused_by_name(NotificationChannel channel, string setting)
    {
        ProvisioningException refused = Assert.Throws<ProvisioningException>(() => Create(new JobNotifications { Channels = [channel] }));

        Assert.Equal("JobSettingsInvalid", refused.ErrorId);
        Assert.Contains($"'{setting}'", refused.Message, StringComparison.Ordinal);
    }

    private static SecretPlace Url => new(SecretFrom.Environment, "URL");

    private void Create(JobNotifications notifications) =>
        ProvisioningJob.Create(
            Path.Combine(_folder, "job"),
            new JobSettings
            {
                Source = new JobSource(JobSourceType.File, "users.json"),
                Target = new Uri("https://app.travelperk.com/scim/v2"),
                Notifications = notifications,
            },
            SynchronizationSchema.Default
        );
}
