using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsvHelper;
using TravelPerkScim.Operations.Reports;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Review;
using static TravelPerkScim.Operations.Tests.Reports.SampleReports;

namespace TravelPerkScim.Operations.Tests.Reports;

/// <summary>What stands in a report of each form.</summary>
public sealed class ReportFormatTests
{
    [Fact]
    public void An_operation_that_waits_is_counted_once_however_many_cycles_staged_it()
    {
        ProvisioningOutcome first = Outcome("dan@example.com", OutcomeStatus.Staged, SampleReports.Now.AddHours(-2)),
            again = Outcome("dan@example.com", OutcomeStatus.Staged, SampleReports.Now.AddHours(-1)),
            done = Outcome("dan@example.com", OutcomeStatus.Success, SampleReports.Now);

        ProvisioningReport report = SampleReports.Report([first, again, done]);

        Assert.Equal(["Staged", "Success"], report.Rows.Select(row => row.Status));
        Assert.Equal(again.Time, report.Rows[0].Time);
        Assert.Equal(["Period: 2026-03-02 07:00:00 +00:00 to 2026-03-02 08:00:00 +00:00"], report.About.Select(Utc));

        static string Utc(string line) =>
            System.Text.RegularExpressions.Regex.Replace(
                line,
                @"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d",
                time =>
                    DateTimeOffset
                        .Parse(time.Value, System.Globalization.CultureInfo.InvariantCulture)
                        .ToUniversalTime()
                        .ToString("yyyy-MM-dd HH:mm:ss zzz", System.Globalization.CultureInfo.InvariantCulture)
            );
    }

    [Fact]
    public void A_cycle_with_an_approval_says_who_approved_what()
    {
        ProvisioningOutcome done = Outcome("dan@example.com", OutcomeStatus.Success, SampleReports.Now);
        var staging = Guid.NewGuid();
        ProvisioningStatus status = SampleReports.Status("contoso");
        CycleSummary cycle = status.Cycles[0] with { Id = done.CycleId, Approved = staging, ApprovedBy = "ops on srv01" };

        ProvisioningReport report = SampleReports.Report([done], status with { Cycles = [cycle] });

        Assert.Equal($"ops on srv01 approved what cycle {staging} staged.", Assert.Single(report.Rows).Note);
        Assert.Contains($"with ops on srv01's approval of {staging}", cycle.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_manager_is_named_where_the_report_knows_the_name()
    {
        ProvisioningOperation manager = SampleReports.Operation(ProvisioningAction.Update, "carla@example.com", "Changed.") with
        {
            TargetId = "9",
        };
        ProvisioningOperation report = SampleReports.Operation(
            ProvisioningAction.Update,
            "bob@example.com",
            "Changed.",
            new AttributeChange($"{SampleReports.Enterprise}manager", "7", "9")
        );

        ReportChange change = Assert.Single(SampleReports.Report([manager, report]).Rows[1].Changes);

        Assert.Equal(("7", "carla@example.com (9)"), (change.Old, change.New));
    }

    private static ProvisioningOutcome Outcome(string identity, OutcomeStatus status, DateTimeOffset time) =>
        new()
        {
            Identity = identity,
            SourceId = $"source of {identity}",
            TargetId = "17",
            Action = ProvisioningAction.Disable,
            Status = status,
            Reason = "The source account is disabled.",
            Time = time,
            CycleId = new Guid(7, 7, 7, new byte[8]),
        };

    [Fact]
    public void A_plan_as_Markdown() =>
        Assert.Equal(
            """
            ## Provisioning plan

            **6 operations**: Create 2, Update 2, Disable 1, Delete 1.
            Planned 3, Staged 2, Problem 1, Renamed 1, Manager changed 1, Cost object lost 1, Takeover 1.

            Hidden by the mapping (Redact): `title`.

            | Reason | Action | Users |
            |---|---|--:|
            | The source user was permanently deleted. | Delete | 1 |
            | The source account is disabled. | Disable | 1 |
            | No TravelPerk user has the matching attributes. | Create | 1 |
            | The source user changed. | Update | 1 |
            | **InvalidValue** 'title': must not be blank. | Create | 1 |
            | **Takeover** Taken over from another account. | Update | 1 |

            <details open><summary>Needs attention (3)</summary>

            | User | Action | Status | Values | Reason |
            |---|---|---|---|---|
            | `dan@example.com` | Disable | Staged | active: `True` → `False` | The source account is disabled. |
            | `eve@example.com` | Create | Problem |  | **InvalidValue** 'title': must not be blank. |
            | `finn@example.com` | Update | Staged, Takeover |  | **Takeover** Taken over from another account. |

            </details>

            <details open><summary>Delete (1)</summary>

            | User | Action | Status | Values | Reason |
            |---|---|---|---|---|
            | `carla@example.com` | Delete | Planned |  | The source user was permanently deleted. |

            </details>

            <details><summary>Create (1)</summary>

            | User | Action | Status | Values | Reason |
            |---|---|---|---|---|
            | `anna@example.com` | Create | Planned | userName: `anna@example.com`<br>familyName: `Berg`<br>title: `[Redact]` | No TravelPerk user has the matching attributes. |

            </details>

            <details><summary>Update (1)</summary>

            | User | Action | Status | Values | Reason |
            |---|---|---|---|---|
            | `bob@example.com` | Update | Planned, Renamed, Manager changed, Cost object lost | userName: `robert@example.com` → `bob@example.com`<br>manager: `7` → `9`<br>costCenter: `Sales` → – | The source user changed. |

            </details>


            """.ReplaceLineEndings("\n"),
            Text(Report(Plan()), ReportFormat.Markdown)
        );

    [Theory]
    [InlineData("<img src=x onerror=alert(1)>", "`<img src=x onerror=alert(1)>`", "&lt;img src=x onerror=alert(1)&gt;")]
    [InlineData("a|b`c``d", "```a\\|b`c``d```", "a\\|b\\`c\\`\\`d")]
    [InlineData("`", "`` ` ``", "\\`")]
    [InlineData("gnp.\u202Eexe", "`gnp.\\u202eexe`", "gnp.\\\\u202eexe")]
    [InlineData(
        "@octocat #1 https://x www.y",
        "`@octocat #1 https://x www.y`",
        "@<!-- -->octocat #<!-- -->1 https:<!-- -->//x www<!-- -->.y"
    )]
    [InlineData("[x](javascript:y) *b* _i_ $m$", "`[x](javascript:y) *b* _i_ $m$`", "\\[x\\](javascript:y) \\*b\\* \\_i\\_ \\$m\\$")]
    [InlineData("", "–", "")]
    public void Foreign_text_in_Markdown_stays_text(string text, string code, string between) =>
        Assert.Equal((code, between), (MarkdownReport.Code(text), MarkdownReport.Text(text)));

    [Theory]
    [InlineData(65_536)]
    [InlineData(1_048_576)]
    public void Markdown_stays_within_its_limit_and_counts_what_it_leaves_out(int limit)
    {
        string text = Text(Report(Many(10_000)), ReportFormat.Markdown, limit);

        Assert.InRange(Encoding.UTF8.GetByteCount(text), limit / 2, limit);
        int rows = Regex.Count(text, @"^\| `user", RegexOptions.Multiline);
        int left = int.Parse(
            Regex.Match(text, @"\*\*([\d,]+) more rows are left out\*\*").Groups[1].Value,
            NumberStyles.AllowThousands,
            CultureInfo.InvariantCulture
        );
        Assert.Equal(10_000, rows + left);
        Assert.Equal(Regex.Count(text, "<details"), Regex.Count(text, "</details>"));
    }

    [Fact]
    public void A_cell_that_a_spreadsheet_would_calculate_is_text()
    {
        string[] names = ["=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "plain"];
        string text = Text(Report([.. names.Select(name => Operation(ProvisioningAction.Update, name, name))]), ReportFormat.Csv);

        Assert.StartsWith("\uFEFFIdentity,", text, StringComparison.Ordinal);
        using var csv = new CsvReader(new StringReader(text.TrimStart('\uFEFF')), CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        var read = new List<string>();
        while (csv.Read())
            read.Add(csv.GetField("Identity")!);
        Assert.Equal(["'=cmd()", "'+1", "'-1", "'@SUM(A1)", "\\u0009=1", "\\u000d=1", "plain"], read);
    }

    [Fact]
    public void A_report_for_programs_has_names_and_values()
    {
        using var json = JsonDocument.Parse(Text(Report(Plan(), Status("contoso")), ReportFormat.Json));
        JsonElement root = json.RootElement;

        Assert.Equal(
            ("TravelPerkScim.Report", 1, "Plan", "Provisioning plan of contoso"),
            (
                root.GetProperty("format").GetString(),
                root.GetProperty("version").GetInt32(),
                root.GetProperty("kind").GetString(),
                root.GetProperty("title").GetString()
            )
        );
        Assert.Equal("title", Assert.Single(root.GetProperty("hidden").EnumerateArray()).GetString());
        Assert.Equal(2, root.GetProperty("counts").GetProperty("actions").GetProperty("Create").GetInt32());
        JsonElement bob = root.GetProperty("operations")[3];
        Assert.Equal(
            ["Renamed", "ManagerChanged", "CostObjectLost"],
            bob.GetProperty("marks").EnumerateArray().Select(mark => mark.GetString())
        );
        Assert.Equal(
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "7", "9"),
            (
                bob.GetProperty("changes")[1].GetProperty("attribute").GetString(),
                bob.GetProperty("changes")[1].GetProperty("old").GetString(),
                bob.GetProperty("changes")[1].GetProperty("new").GetString()
            )
        );
        Assert.Equal(
            ["Succeeded", "Failed", "Succeeded"],
            root.GetProperty("jobs")[0].GetProperty("cycles").EnumerateArray().Select(cycle => cycle.GetProperty("state").GetString())
        );
    }

    [Fact]
    public void Ten_thousand_operations_are_a_page_of_at_most_5_MB() =>
        Assert.InRange(Encoding.UTF8.GetByteCount(Text(Report(Many(10_000)), ReportFormat.Html)), 1_000_000, 5_000_000);

    [Fact]
    public void Nothing_foreign_ends_an_element_of_the_page()
    {
        string page = Text(Report(Hostile()), ReportFormat.Html);

        Assert.Equal(2, Regex.Count(page, "<script"));
        Assert.Equal(2, Regex.Count(page, "</script"));
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', page);
        Assert.DoesNotContain('\u001b', page);
    }

    [Fact]
    public void Nothing_is_loaded_from_anywhere() =>
        Assert.DoesNotMatch("""(src|href|action)\s*=\s*["']|url\(|@import""", Text(Report(Plan(), Status("contoso")), ReportFormat.Html));

    [Fact]
    public void Objects_of_several_kinds_are_refused_by_name()
    {
        ProvisioningException refused = Assert.Throws<ProvisioningException>(() =>
            Report([Plan()[0], Status("contoso"), Status("fabrikam")])
        );

        Assert.Equal("ReportMixed", refused.ErrorId);
        Assert.Contains(
            "1 of ProvisioningOperation (a plan), 2 of ProvisioningStatus (the status of a job)",
            refused.Message,
            StringComparison.Ordinal
        );
        Assert.Equal("ReportInputUnknown", Assert.Throws<ProvisioningException>(() => Report([5])).ErrorId);
    }

    [Theory]
    [InlineData(ReportFormat.Html)]
    [InlineData(ReportFormat.Markdown)]
    [InlineData(ReportFormat.Json)]
    [InlineData(ReportFormat.Csv)]
    public void The_status_of_many_jobs_names_each(ReportFormat format)
    {
        string text = Text(Report([Status("contoso"), Status("fabrikam <b>")]), format);

        Assert.Contains("contoso", text, StringComparison.Ordinal);
        Assert.Equal(format is ReportFormat.Csv or ReportFormat.Markdown, text.Contains("fabrikam <b>", StringComparison.Ordinal));
    }

    [Fact]
    public void A_comparison_shows_both_sides()
    {
        ProvisioningReport report = Report([
            new EngineComparison
            {
                Identity = "anna@example.com",
                SourceId = "1",
                Difference = EngineDifference.OtherValues,
                Reason = "There it was updated.",
                Values = [new EngineValue("title", "Pilot", "Captain")],
            },
        ]);

        Assert.Equal(ReportKind.Comparison, report.Kind);
        string page = Text(report, ReportFormat.Html);
        Assert.Contains("<th scope=\"col\">Hosted job</th><th scope=\"col\">This job</th>", page, StringComparison.Ordinal);
        Assert.Contains("Other values", page, StringComparison.Ordinal);
        Assert.Contains("title: `Pilot` → `Captain`", Text(report, ReportFormat.Markdown), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_of_nothing_but_drift_is_a_report_of_drift() =>
        Assert.Equal(ReportKind.Drift, Report([.. Plan().Where(operation => operation.Drift != ProvisioningDrift.None)]).Kind);
}
