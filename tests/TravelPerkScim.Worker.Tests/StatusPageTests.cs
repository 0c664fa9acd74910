using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Worker.Tests;

/// <summary>Status page and health of a running worker, over a real socket.</summary>
public sealed class StatusPageTests
{
    private const string Hostile = "<img src=x onerror=alert(1)>\"'&\u202etxt";
    private const int Done = 6,
        Broken = 4;

    [Fact]
    public async Task Jobs_are_shown_worst_first_and_no_text_becomes_markup()
    {
        await using var folder = new JobFolder();
        folder.Add("fine");
        folder.Add("resting", on: false);
        FixtureJob hostile = folder.Add(Hostile);
        await File.WriteAllTextAsync(
            Path.Combine(hostile.Job.Path, "job.json"),
            """{ "target": "http://x/", "<script>alert(2)</script>": 1 }"""
        );
        await using WorkerProcess worker = folder.Start();
        await worker.LoggedAsync(Done, "fine");
        await worker.LoggedAsync(Broken);
        using var http = new HttpClient { BaseAddress = await worker.AddressAsync() };

        using HttpResponseMessage answer = await http.GetAsync(new Uri("/", UriKind.Relative));
        string page = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=x", page, StringComparison.Ordinal);
        Assert.Contains("http-equiv=\"refresh\"", page, StringComparison.Ordinal);
        Assert.Contains("3 created", page, StringComparison.Ordinal);
        Assert.DoesNotContain("zoe", page, StringComparison.OrdinalIgnoreCase);
        int[] order = [.. new[] { "&lt;img", "<h2>fine", "<h2>resting" }.Select(name => page.IndexOf(name, StringComparison.Ordinal))];
        Assert.Equal(order.Order(), order);
    }

    [Fact]
    public async Task Health_says_which_job_needs_attention_and_a_quarantine_is_no_reason_to_restart()
    {
        await using var folder = new JobFolder();
        FixtureJob refused = folder.Add("refused", options: new SandboxOptions { Behaviors = [SandboxBehavior.HtmlInsteadOfJson] });
        FixtureJob broken = folder.Add("broken");
        string file = Path.Combine(broken.Job.Path, "job.json");
        string settings = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, "{}");
        await using WorkerProcess worker = folder.Start();
        using var http = new HttpClient { BaseAddress = await worker.AddressAsync() };
        await worker.LoggedAsync(Broken, "broken");
        await worker.LoggedAsync(8, "refused");

        Assert.Equal((HttpStatusCode.OK, "Healthy"), await HealthAsync(http, "/health/live"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), await HealthAsync(http, "/health/ready"));
        Assert.DoesNotContain("(null)", worker.Logged, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, settings);
        await worker.LoggedAsync(Done, "broken");
        Assert.Equal((HttpStatusCode.OK, "Degraded"), await HealthAsync(http, "/health/ready"));
        Assert.Contains("Reset-ProvisioningJob", await http.GetStringAsync(new Uri("/", UriKind.Relative)), StringComparison.Ordinal);
        Directory.Delete(refused.Job.Path, recursive: true);
        await worker.LoggedAsync(3, "refused");
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await HealthAsync(http, "/health/ready"));
    }

    [Fact]
    public async Task Only_known_names_are_answered_and_nothing_can_be_changed()
    {
        await using var folder = new JobFolder();
        await using WorkerProcess worker = folder.Start(more: ["--allow-host", "jobs.contoso.com"]);
        using var http = new HttpClient { BaseAddress = await worker.AddressAsync() };
        (string Method, string Path, string Host, int Status)[] cases =
        [
            ("GET", "/", "attacker.example", 421),
            ("GET", "/health/ready", "attacker.example:80", 421),
            ("GET", "/", "localhost", 200),
            ("GET", "/", "jobs.contoso.com", 200),
            ("GET", "/", "10.0.0.7:5080", 200),
            ("HEAD", "/", "localhost", 200),
            ("POST", "/", "localhost", 405),
            ("DELETE", "/health/live", "localhost", 405),
            ("GET", "/jobs/../../etc/passwd", "localhost", 404),
        ];
        foreach ((string method, string path, string host, int status) in cases)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
            request.Headers.Host = host;

            using HttpResponseMessage answer = await http.SendAsync(request);

            Assert.Equal((method, path, host, status), (method, path, host, (int)answer.StatusCode));
            Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    private static async Task<(HttpStatusCode Code, string Status)> HealthAsync(HttpClient http, string path)
    {
        using HttpResponseMessage answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["status"]!);
    }
}
