using TravelPerkScim.Operations.Reports;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Tests.Reports;

/// <summary>Reports of made-up people.</summary>
internal static class SampleReports
{
    public const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";

    /// <summary>Names that would do harm where they are taken for more than text.</summary>
    public static readonly string[] HostileNames =
    [
        "<img src=x onerror=alert(1)>",
        "</script><script>alert(1)</script>",
        "a|b`c``d",
        "gnp.\u202Eexe",
        "\u001b[31mred",
        "=cmd()",
        "@octocat #1 https://evil.example",
    ];

    public static readonly DateTimeOffset Now = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    public static ProvisioningOperation Operation(
        ProvisioningAction action,
        string identity,
        string reason,
        params AttributeChange[] changes
    ) =>
        new()
        {
            Action = action,
            Identity = identity,
            SourceId = $"source of {identity}",
            TargetId = action == ProvisioningAction.Create ? null : "17",
            Reason = reason,
            Changes = changes,
        };

    public static ProvisioningOperation[] Plan() =>
        [
            Operation(ProvisioningAction.Delete, "carla@example.com", "The source user was permanently deleted."),
            Operation(
                ProvisioningAction.Disable,
                "dan@example.com",
                "The source account is disabled.",
                new AttributeChange("active", "True", "False")
            ) with
            {
                Staged = true,
            },
            Operation(
                ProvisioningAction.Create,
                "anna@example.com",
                "No TravelPerk user has the matching attributes.",
                new AttributeChange("userName", null, "anna@example.com"),
                new AttributeChange("name.familyName", null, "Berg"),
                new AttributeChange("title", null, AttributeChange.RedactedText)
            ),
            Operation(
                ProvisioningAction.Update,
                "bob@example.com",
                "The source user changed.",
                new AttributeChange("userName", "robert@example.com", "bob@example.com"),
                new AttributeChange($"{Enterprise}manager", "7", "9"),
                new AttributeChange($"{Enterprise}costCenter", "Sales", null)
            ),
            Operation(ProvisioningAction.Create, "eve@example.com", "The desired state cannot be sent.") with
            {
                Problem = "eve@example.com: 'title': must not be blank.",
                ProblemCode = "InvalidValue",
            },
            Operation(ProvisioningAction.Update, "finn@example.com", "Taken over from another account.") with
            {
                Staged = true,
                Drift = ProvisioningDrift.Takeover,
            },
        ];

    public static ProvisioningOperation[] Hostile() =>
        [
            .. HostileNames.Select(name =>
                Operation(ProvisioningAction.Update, name, $"Because of {name}.", new AttributeChange("title", name, name))
            ),
        ];

    /// <summary>Operations as an initial cycle has them, a few of each other kind among them.</summary>
    public static ProvisioningOperation[] Many(int count) =>
        [
            .. Enumerable
                .Range(1, count)
                .Select(n =>
                    (n % 20) switch
                    {
                        0 => Operation(
                            ProvisioningAction.Disable,
                            $"user{n}@example.com",
                            "The source account is disabled.",
                            new AttributeChange("active", "True", "False")
                        ),
                        1 or 2 or 3 => Operation(
                            ProvisioningAction.Update,
                            $"user{n}@example.com",
                            "The source user changed.",
                            new AttributeChange("title", "Pilot", $"Captain {n}"),
                            new AttributeChange($"{Enterprise}manager", "7", "9")
                        ),
                        4 => Operation(ProvisioningAction.Create, $"user{n}@example.com", "The desired state cannot be sent.") with
                        {
                            Problem = $"user{n}@example.com: 'title': must not be blank.",
                            ProblemCode = "InvalidValue",
                        },
                        _ => Operation(
                            ProvisioningAction.Create,
                            $"user{n}@example.com",
                            "No TravelPerk user has the matching attributes.",
                            new AttributeChange("userName", null, $"user{n}@example.com"),
                            new AttributeChange("externalId", null, $"00000000-0000-4000-8000-{n:D12}"),
                            new AttributeChange("active", null, "True"),
                            new AttributeChange("name.givenName", null, $"Given{n}"),
                            new AttributeChange("name.familyName", null, $"Family{n}"),
                            new AttributeChange("title", null, "Software Engineer"),
                            new AttributeChange("preferredLanguage", null, "es"),
                            new AttributeChange("phoneNumbers[type eq \"work\"].value", null, $"+34 555 {n:D6}"),
                            new AttributeChange($"{Enterprise}costCenter", null, "Engineering"),
                            new AttributeChange($"{Enterprise}manager", null, $"00000000-0000-4000-8000-{n / 10:D12}")
                        ),
                    }
                ),
        ];

    public static ProvisioningStatus Status(string job, int cycles = 3) =>
        new()
        {
            Job = job,
            LinkedUsers = 1234,
            Escrowed = 2,
            LastCycle = Cycle(0),
            Cycles = [.. Enumerable.Range(0, cycles).Select(Cycle)],
            Status = JobStatus.On,
            NextCycle = Now.AddMinutes(40),
        };

    public static ProvisioningReport Report(IReadOnlyList<object> items, ProvisioningStatus? job = null) =>
        ProvisioningReport.Of(items, Now, job: job);

    public static string Text(ProvisioningReport report, ReportFormat format, int limit = ReportFile.DefaultMarkdownBytes)
    {
        using var stream = new MemoryStream();
        ReportFile.Write(stream, report, format, limit);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static CycleSummary Cycle(int back) =>
        new()
        {
            Id = new Guid(back, 0, 0, new byte[8]),
            Kind = CycleKind.Incremental,
            State = back == 1 ? CycleState.Failed : CycleState.Succeeded,
            Began = Now.AddMinutes(-40 * (back + 1)),
            Ended = Now.AddMinutes(-40 * (back + 1)).AddSeconds(2),
            Counts = new CycleCounts
            {
                Read = 60,
                Updated = back,
                Requests = back,
            },
            Message = back == 1 ? "TravelPerk could not be reached." : null,
        };
}
