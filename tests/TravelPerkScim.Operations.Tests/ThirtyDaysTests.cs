using TravelPerkScim.Mapping;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Tests;

/// <summary>A month of one job, with a scheduler that fires every two hours: exactly these messages, and no more.</summary>
public sealed class ThirtyDaysTests
{
    private static readonly MappingException s_mapping = new("ExpressionInvalid", "The mapping of title does not compile.");
    private static readonly ScimException s_refused = new(ScimFailure.Credential, "Unauthorized", "The API key is refused.");
    private static readonly ScimException s_unreachable = new(ScimFailure.Unreachable, "Unreachable", "TravelPerk cannot be reached.");

    [Fact]
    public async Task Thirty_days_give_these_messages()
    {
        await using var fixture = new NotificationFixture(
            new JobNotifications { Channels = [NotificationFixture.Teams], Digest = DigestFrequency.Weekly },
            settings =>
                settings with
                {
                    Schedule = new JobSchedule
                    {
                        On = true,
                        Interval = TimeSpan.FromHours(2),
                        Jitter = TimeSpan.Zero,
                    },
                    Secrets = new JobSecrets(
                        new SecretPlace(SecretFrom.Environment, "TRAVELPERK_API_KEY") { Expires = new DateOnly(2026, 4, 1) }
                    ),
                }
        );
        List<string> told = [];
        for (int fired = 0; fired < 30 * 12; fired++)
        {
            DateTimeOffset now = fixture.Time.GetUtcNow();
            await FireAsync(fixture, now);
            told.AddRange(
                fixture.Channels.Delivered.Select(d =>
                    $"{now:MM-dd HH:mm} {d.Notification.Rule} {d.Notification.Change}: {d.Notification.Title}"
                )
            );
            fixture.Channels.Delivered.Clear();
            fixture.Time.Advance(TimeSpan.FromHours(2));
        }

        Assert.Empty(fixture.Warnings);
        Assert.Equal(Expected.ReplaceLineEndings("\n"), string.Join('\n', told));
    }

    private static async Task FireAsync(NotificationFixture fixture, DateTimeOffset now)
    {
        // One failure passes by itself, three in a row are told.
        Exception? failure = Hour(now) switch
        {
            "03-03 10" => s_unreachable,
            _ when IsWithin(now, "03-04 10", "03-04 14") => s_mapping,
            // An API key that was taken back, until the morning two days later.
            _ when IsWithin(now, "03-07 10", "03-09 10") => s_refused,
            // Comes and goes.
            "03-16 00" or "03-16 02" or "03-16 06" or "03-16 08" or "03-16 12" or "03-16 14" or "03-16 18" or "03-16 20" => s_mapping,
            _ => null,
        };
        switch (Hour(now))
        {
            case "03-12 10":
                fixture.People.RemoveRange(17, 3);
                break;
            case "03-20 10":
                foreach (int number in Enumerable.Range(1, 6))
                    fixture.SetPhone(number, "call me");
                break;
            case "03-20 16":
                foreach (int number in Enumerable.Range(1, 6))
                    fixture.SetPhone(number, $"+34 94{number:D7}");
                break;
        }
        // The secret is not found on the scheduler's machine: no run gets as far as a cycle.
        bool none = IsWithin(now, "03-22 10", "03-23 12");
        if (none || !fixture.Status.IsDue)
            await fixture.CheckAsync();
        else
            await fixture.RunAsync(failure, Hour(now) == "03-13 16" ? fixture.Status.Staged[0].CycleId : null);
    }

    private static bool IsWithin(DateTimeOffset now, string first, string last) =>
        string.CompareOrdinal(Hour(now), first) >= 0 && string.CompareOrdinal(Hour(now), last) <= 0;

    private static string Hour(DateTimeOffset now) => now.ToString("MM-dd HH", System.Globalization.CultureInfo.InvariantCulture);

    private const string Expected = """
        03-02 08:00 CredentialExpiring Begun: contoso: the API key of TravelPerk runs out in 30 days
        03-04 12:00 CycleFailing Begun: contoso: 2 cycles in a row failed
        03-04 16:00 CycleFailing Over: contoso: cycles reach their end again
        03-07 10:00 Quarantine Begun: contoso: in quarantine, cycles cannot get through
        03-08 10:00 Quarantine Continuing: contoso: still in quarantine, cycles cannot get through
        03-09 08:00 Digest Report: contoso: 64 cycles, no changes
        03-09 10:00 Quarantine Continuing: contoso: still in quarantine, cycles cannot get through
        03-10 10:00 Quarantine Over: contoso: the quarantine is over
        03-12 10:00 DeletesStaged Begun: contoso: 3 disables wait for approval
        03-13 10:00 DeletesStaged Continuing: contoso: 3 disables still wait for approval
        03-13 16:00 DeletesStaged Over: contoso: no disables or deletes wait any more
        03-16 02:00 CycleFailing Begun: contoso: 2 cycles in a row failed
        03-16 04:00 CycleFailing Over: contoso: cycles reach their end again
        03-16 08:00 CycleFailing Begun: contoso: 2 cycles in a row failed; no more of this until 2026-03-17 08:00 UTC
        03-16 08:00 Digest Report: contoso: 73 cycles, 3 disabled
        03-17 08:00 CycleFailing Over: contoso: cycles reach their end again
        03-20 10:00 EscrowGrowing Begun: contoso: 6 entries wait in escrow
        03-20 16:00 EscrowGrowing Over: contoso: no entries in escrow
        03-22 16:00 NoCycle Begun: contoso: no cycle since 2026-03-22 08:00 UTC
        03-23 08:00 Digest Report: contoso: 72 cycles, 6 updated
        03-23 14:00 NoCycle Over: contoso: cycles begin again
        03-25 00:00 CredentialExpiring Continuing: contoso: the API key of TravelPerk runs out in 7 days
        03-30 08:00 Digest Report: contoso: 82 cycles, no changes
        03-31 00:00 CredentialExpiring Continuing: contoso: the API key of TravelPerk runs out in 1 day
        04-01 00:00 CredentialExpiring Continuing: contoso: the API key of TravelPerk has run out
        """;
}
