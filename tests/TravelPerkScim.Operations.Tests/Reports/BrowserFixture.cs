using System.Diagnostics;
using PuppeteerSharp;
using TravelPerkScim.Operations.Reports;

namespace TravelPerkScim.Operations.Tests.Reports;

/// <summary>The browser of this machine, without a window.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("report-").FullName;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        if (BrowserFactAttribute.Program is not { } program)
            return;
        // Chromium's own sandbox refuses to start for root, as in a container; what is opened here is ours.
        _browser = await Puppeteer.LaunchAsync(
            new LaunchOptions
            {
                ExecutablePath = program,
                Headless = true,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
                UserDataDir = Path.Combine(_folder, "profile"),
            }
        );
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    internal async Task<OpenReport> OpenAsync(ProvisioningReport report, Func<string, string>? change = null, bool scripts = true)
    {
        string path = Path.Combine(_folder, $"{Guid.NewGuid():N}.html");
        ReportFile.Save(path, report, ReportFormat.Html);
        if (change is not null)
            await File.WriteAllTextAsync(path, change(await File.ReadAllTextAsync(path)));
        IPage page = await _browser!.NewPageAsync();
        await page.SetJavaScriptEnabledAsync(scripts);
        var open = new OpenReport(page, new Uri(path).AbsoluteUri);
        long began = Stopwatch.GetTimestamp();
        await page.GoToAsync(open.Address);
        // The rows are laid out, not only made.
        await page.EvaluateExpressionAsync<int>("document.body.offsetHeight");
        open.Opened = Stopwatch.GetElapsedTime(began);
        return open;
    }
}

/// <summary>A report in the browser.</summary>
internal sealed class OpenReport : IAsyncDisposable
{
    public OpenReport(IPage page, string address)
    {
        Page = page;
        Address = address;
        page.Request += (_, e) => Requests.Add(e.Request.Url);
        page.Console += (_, e) => Complaints.Add(e.Message.Text);
        page.PageError += (_, e) => Complaints.Add(e.Message);
        page.Dialog += async (_, e) =>
        {
            Dialogs.Add(e.Dialog.Message);
            await e.Dialog.Dismiss();
        };
    }

    public IPage Page { get; }

    public string Address { get; }

    public TimeSpan Opened { get; set; }

    public List<string> Requests { get; } = [];

    /// <summary>What the browser wrote to its console: errors of scripts, and what the policy stopped.</summary>
    public List<string> Complaints { get; } = [];

    public List<string> Dialogs { get; } = [];

    public async ValueTask DisposeAsync() => await Page.CloseAsync();

    public Task<T> ValueAsync<T>(string expression) => Page.EvaluateExpressionAsync<T>(expression);

    public Task<string> TextAsync(string selector) =>
        Page.EvaluateFunctionAsync<string>("selector => document.querySelector(selector).textContent", selector);

    public async Task<IReadOnlyList<string>> UsersAsync() => await TextsAsync("#rows > tbody > tr > th");

    public Task<string[]> TextsAsync(string selector) =>
        Page.EvaluateFunctionAsync<string[]>(
            "selector => [...document.querySelectorAll(selector)].map(element => element.textContent)",
            selector
        );

    public Task ClickAsync(string selector) => Page.ClickAsync(selector);

    public Task TypeAsync(string selector, string text) => Page.TypeAsync(selector, text);

    /// <summary>Chooses from a list by what stands there.</summary>
    public async Task SelectAsync(string selector, string text)
    {
        string value = await Page.EvaluateFunctionAsync<string>(
            "(selector, text) => [...document.querySelector(selector).options].find(option => option.text === text).value",
            selector,
            text
        );
        await Page.SelectAsync(selector, value);
    }
}
