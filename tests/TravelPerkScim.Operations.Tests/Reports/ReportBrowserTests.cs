using System.Diagnostics;
using PuppeteerSharp;
using PuppeteerSharp.Media;
using TravelPerkScim.Operations.Reports;
using TravelPerkScim.Provisioning.Model;
using Xunit.Abstractions;
using static TravelPerkScim.Operations.Tests.Reports.SampleReports;

namespace TravelPerkScim.Operations.Tests.Reports;

/// <summary>The report as a reader meets it, in a real browser.</summary>
public sealed class ReportBrowserTests(BrowserFixture browser, ITestOutputHelper log) : IClassFixture<BrowserFixture>
{
    [BrowserFact]
    public async Task It_is_searched_filtered_and_sorted()
    {
        await using OpenReport page = await browser.OpenAsync(Report(Many(1_000), Status("contoso")));

        Assert.Equal("1 to 100 of 1,000", await page.TextAsync("#found"));
        await page.TypeAsync("#search", "user23@ captain");
        Assert.Equal(["user23@example.com"], await page.UsersAsync());
        await page.ClickAsync("#clear");
        await page.SelectAsync("#by-action", "Disable");
        Assert.Equal("1 to 50 of 50 found, 1,000 in all", await page.TextAsync("#found"));
        await page.SelectAsync("#by-status", "Problem");
        Assert.Equal("No row is like that.", await page.TextAsync("#found"));
        await page.ClickAsync("#clear");
        await page.SelectAsync("#by-mark", "Manager changed");
        Assert.Equal("1 to 100 of 150 found, 1,000 in all", await page.TextAsync("#found"));
        await page.ClickAsync("#pages button:nth-child(2)");
        Assert.Equal("101 to 150 of 150 found, 1,000 in all", await page.TextAsync("#found"));
        await page.ClickAsync("tr[data-reason]:nth-child(4) button");
        Assert.Equal("1 to 50 of 50 found, 1,000 in all", await page.TextAsync("#found"));
        await page.ClickAsync("#clear");
        await page.ClickAsync("#rows thead th:first-child button");
        Assert.Equal("user1@example.com", (await page.UsersAsync())[0]);
        await page.ClickAsync("#rows thead th:first-child button");
        Assert.Equal(
            ("user1000@example.com", "descending"),
            ((await page.UsersAsync())[0], await page.ValueAsync<string>("document.querySelector('#rows th').getAttribute('aria-sort')"))
        );
        Assert.Empty(page.Complaints);
        Assert.Equal([page.Address], page.Requests);
    }

    [BrowserFact]
    public async Task Values_before_and_after_open_at_a_click()
    {
        await using OpenReport page = await browser.OpenAsync(Report(Plan()));
        const string opened = "#rows tbody tr:nth-child(4) .changes";
        Assert.False(await page.ValueAsync<bool>($"document.querySelector('{opened}').checkVisibility()"));

        await page.ClickAsync("#rows tbody tr:nth-child(4) summary");

        Assert.True(await page.ValueAsync<bool>($"document.querySelector('{opened}').checkVisibility()"));
        Assert.Equal(
            ["userName", "robert@example.com", "bob@example.com", "manager", "7", "9", "costCenter", "Sales", "–"],
            await page.TextsAsync($"{opened} tbody > tr > *")
        );
        Assert.Equal(["Renamed", "Manager changed", "Cost object lost"], (await page.TextsAsync("#rows tbody tr:nth-child(4) .tag"))[2..]);
    }

    [BrowserFact]
    public async Task A_hostile_name_stays_text_and_no_request_leaves()
    {
        await using OpenReport page = await browser.OpenAsync(Report(Hostile()));

        Assert.Equal(
            [
                "<img src=x onerror=alert(1)>",
                "</script><script>alert(1)</script>",
                "a|b`c``d",
                "gnp.\\u202eexe",
                "\\u001b[31mred",
                "=cmd()",
                "@octocat #1 https://evil.example",
            ],
            await page.UsersAsync()
        );
        await page.TypeAsync("#search", "<img src=x");
        Assert.Single(await page.UsersAsync());
        Assert.Equal(0, await page.ValueAsync<int>("document.querySelectorAll('img, iframe, link, object').length"));
        Assert.Equal(2, await page.ValueAsync<int>("document.scripts.length"));
        Assert.Empty(page.Dialogs);
        Assert.Empty(page.Complaints);
        Assert.Equal([page.Address], page.Requests);
    }

    [BrowserFact]
    public async Task The_policy_stops_a_script_a_style_and_a_request_that_got_in()
    {
        await using OpenReport page = await browser.OpenAsync(
            Report(Plan()),
            html =>
                html.Replace(
                    "<main>",
                    "<main><script>document.title = 'ran'</script><img src=\"http://127.0.0.1:9/x\"><p "
                        + "id=\"styled\" style=\"position:fixed\">x</p>",
                    StringComparison.Ordinal
                )
        );

        Assert.Equal("Provisioning plan", await page.ValueAsync<string>("document.title"));
        Assert.Equal("static", await page.ValueAsync<string>("getComputedStyle(document.getElementById('styled')).position"));
        Assert.Contains(page.Complaints, complaint => complaint.Contains("Content Security Policy", StringComparison.Ordinal));
        Assert.Equal(6, (await page.UsersAsync()).Count);
    }

    [BrowserFact]
    public async Task Without_a_script_the_first_rows_are_there_and_read_as_with_it()
    {
        ProvisioningOperation[] plan = [.. Plan(), .. Many(600)];
        await using OpenReport plain = await browser.OpenAsync(Report(plan), scripts: false);
        await using OpenReport page = await browser.OpenAsync(Report(plan));

        Assert.Equal(500, (await plain.UsersAsync()).Count);
        Assert.Contains("500 of 606", await plain.TextAsync("#found"), StringComparison.Ordinal);
        Assert.False(await plain.ValueAsync<bool>("document.getElementById('tools').checkVisibility()"));
        Assert.Equal((await plain.TextsAsync("#rows > tbody > tr")).Take(100), await page.TextsAsync("#rows > tbody > tr"));
    }

    [BrowserFact]
    public async Task Ten_thousand_operations_open_within_two_seconds()
    {
        ProvisioningReport report = Report(Many(10_000));
        await using (await browser.OpenAsync(Report(Plan())))
        {
            // The first page of a browser pays for its start.
        }
        long began = Stopwatch.GetTimestamp();
        await using OpenReport page = await browser.OpenAsync(report);
        TimeSpan opened = page.Opened;

        log.WriteLine(
            $"{opened.TotalMilliseconds:0} ms to the first rows, {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} "
                + $"ms with writing the file"
        );
        Assert.Equal("1 to 100 of 10,000", await page.TextAsync("#found"));
        Assert.InRange(opened.TotalSeconds, 0, 2);
    }

    [BrowserFact]
    public async Task It_fits_a_phone_follows_the_dark_and_prints_every_row()
    {
        await using OpenReport page = await browser.OpenAsync(Report(Many(300), Status("contoso")));
        string light = await page.ValueAsync<string>("getComputedStyle(document.body).backgroundColor");

        await page.Page.SetViewportAsync(new ViewPortOptions { Width = 360, Height = 740 });
        Assert.True(await page.ValueAsync<bool>("document.documentElement.scrollWidth <= 360"));
        await page.Page.EmulateMediaFeaturesAsync([
            new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = "dark" },
        ]);
        Assert.NotEqual(light, await page.ValueAsync<string>("getComputedStyle(document.body).backgroundColor"));
        await page.ValueAsync<bool>("dispatchEvent(new Event('beforeprint'))");
        Assert.Equal(300, (await page.UsersAsync()).Count);
        Assert.True(await page.ValueAsync<bool>("[...document.querySelectorAll('#rows details')].every(details => details.open)"));
        await page.ValueAsync<bool>("dispatchEvent(new Event('afterprint'))");
        Assert.Equal(100, (await page.UsersAsync()).Count);
    }

    [BrowserFact]
    public async Task Every_field_has_a_label_and_every_table_has_headers()
    {
        await using OpenReport page = await browser.OpenAsync(Report(Plan(), Status("contoso")));

        Assert.Equal(
            0,
            await page.ValueAsync<int>(
                "[...document.querySelectorAll('input, select')].filter(field => "
                    + "!field.labels.length || !field.labels[0].textContent.trim()).length"
            )
        );
        Assert.Equal(
            0,
            await page.ValueAsync<int>(
                "[...document.querySelectorAll('table')].filter(table => [...table.tHead.rows[0].cells].some(cell "
                    + "=> cell.scope !== 'col')).length"
            )
        );
        Assert.Equal(
            0,
            await page.ValueAsync<int>("[...document.querySelectorAll('svg')].filter(chart => !chart.getAttribute('aria-label')).length")
        );
        Assert.Equal("en", await page.ValueAsync<string>("document.documentElement.lang"));
        foreach (string scheme in new[] { "light", "dark" })
        {
            await page.Page.EmulateMediaFeaturesAsync([
                new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = scheme },
            ]);
            // WCAG 2.2, 1.4.3: text has a contrast of at least 4.5 to what is behind it.
            Assert.Equal(
                "",
                await page.ValueAsync<string>(
                    """
                    (() => {
                      const parts = color => color.match(/[\d.]+/g).map(Number);
                      const light = color => { const [r, g, b] = parts(color).map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
                      const behind = element => { for (; element; element = element.parentElement) { const c = getComputedStyle(element).backgroundColor, p = parts(c); if (p.length < 4 || p[3] > 0) return c; } return 'rgb(255, 255, 255)'; };
                      const poor = [];
                      for (const element of document.querySelectorAll('body *:not(svg *):not(script)')) {
                        if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()) || element.disabled) continue;
                        const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
                        if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(element.tagName + ': ' + element.textContent.slice(0, 40));
                      }
                      return poor.join('; ');
                    })()
                    """
                )
            );
        }
    }
}
