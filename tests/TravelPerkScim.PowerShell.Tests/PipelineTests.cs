using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace TravelPerkScim.PowerShell.Tests;

public class PipelineTests
{
    [Fact]
    public void The_first_user_is_out_before_the_second_page_is_asked_for()
    {
        using var session = Session.WithSandbox("-UserCount 200 -PageCap 50");

        Assert.Equal(
            [1L, 1L, 2L, 4L],
            session
                .Run(
                    """
                    $n = 0
                    Get-ScimUser | ForEach-Object { $n++; if ($n -in 1, 50, 51, 200) { $sandbox.RequestCount } }
                    """
                )
                .Select(count => count.BaseObject)
        );
    }

    [Fact]
    public void Ten_thousand_users_pass_through_without_being_kept()
    {
        using var session = Session.WithSandbox("-UserCount 10000 -PageCap 100");

        long[] figures =
        [
            .. session
                .Run(
                    """
                    $n = 0
                    Get-ScimUser | ForEach-Object { $n++; if ($n -in 500, 9900) { [GC]::GetTotalMemory($true) } }
                    $n; $sandbox.RequestCount
                    """
                )
                .Select(figure => Convert.ToInt64(figure.BaseObject, System.Globalization.CultureInfo.InvariantCulture)),
        ];

        Assert.Equal((10_000L, 100L), (figures[2], figures[3]));
        // Ids are remembered, 16 bytes each and their table; a user is about 3 KB, so keeping them would show as 28 MB.
        Assert.True(figures[1] - figures[0] < 3_000_000, $"{figures[1] - figures[0]} bytes more after 9,400 users");
    }

    [Fact]
    public void A_pipeline_that_ends_early_sends_no_more_requests()
    {
        using var session = Session.WithSandbox("-UserCount 200 -PageCap 50");

        session.Run("Get-ScimUser | ForEach-Object { break }");

        Assert.Equal(1L, session.Value<long>("$sandbox.RequestCount"));
        Assert.Equal(200, session.Run("Get-ScimUser").Count);
    }

    [Fact]
    public async Task Stopping_in_the_middle_of_a_request_ends_within_a_second()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        using Session session = new();
        session.Run(
            "param($key, $port) Connect-TravelPerk $key -BaseUri http://127.0.0.1:$port/scim",
            Session.Secret("key-1"),
            ((IPEndPoint)silent.LocalEndpoint).Port
        );
        using System.Management.Automation.PowerShell shell = session.Create("Get-ScimUser");

        IAsyncResult running = shell.BeginInvoke();
        using TcpClient client = await silent.AcceptTcpClientAsync();
        Assert.True(await client.GetStream().ReadAsync(new byte[16]) > 0);
        long started = Stopwatch.GetTimestamp();
        shell.Stop();

        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(1));
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));

        // The work is over too: its connection is closed.
        byte[] rest = new byte[4096];
        while (await Receive(client, rest) > 0) { }
    }

    [Fact]
    public void A_message_that_ends_the_pipeline_ends_the_work_behind_it()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using Session session = new();
        session.Run(
            "param($key, $port) Connect-TravelPerk $key -BaseUri http://127.0.0.1:$port/scim "
                + "-PassThru | ForEach-Object { $global:connection = $_ }",
            Session.Secret("key-1"),
            port
        );

        // The first attempt is told of, that ends the pipeline, and the attempts to come must not be made.
        ErrorRecord error = session.Fail("$VerbosePreference = 'Stop'; Get-ScimUser");

        Assert.StartsWith("ActionPreferenceStop", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(1L, session.Value<long>("$connection.RequestCount"));
    }

    [Fact]
    public void An_incomplete_listing_ends_in_an_error_and_not_in_silence()
    {
        using var session = Session.WithSandbox("-UserCount 120 -PageCap 50 -Behavior StartIndexIgnored, FilterMisses");

        session.TryRun("Get-ScimUser");

        Assert.StartsWith("PagingNotSupported,", Assert.Single(session.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("StartIndexIgnored")]
    [InlineData("StartIndexIgnored, TotalResultsEqualsPageSize")]
    public void A_list_is_complete_where_startIndex_is_ignored(string behaviors)
    {
        using var session = Session.WithSandbox($"-UserCount 250 -Behavior {behaviors}");

        Assert.Equal(250, session.Run("Get-ScimUser | ForEach-Object Id").Distinct().Count());
    }

    [Fact]
    public void A_user_is_found_by_name_where_the_filter_is_ignored_and_the_list_is_incomplete()
    {
        using var session = Session.WithSandbox("-UserCount 250 -Behavior StartIndexIgnored, TotalResultsEqualsPageSize, FilterIgnored");
        string name = session.Value<string>("@($sandbox.Users)[7]['userName'].ToString()");

        Assert.Equal(name, session.Value<string>($"(Get-ScimUser {name}).UserName"));
    }

    [Fact]
    public void Progress_is_rare_and_is_removed_at_the_end()
    {
        CapturingHost host = new();
        using Session session = new(host);
        session.Run(
            "$global:sandbox = Start-ScimSandbox -UserCount 300 -RateLimit 40; "
                + "$sandbox | Connect-TravelPerk -PageSize 5; $null = Get-ScimUser"
        );

        Assert.NotEmpty(host.Progress);
        Assert.True(host.Progress.Count < 60, $"{host.Progress.Count} updates");
        Assert.Equal(ProgressRecordType.Completed, host.Progress[^1].RecordType);
        Assert.Single(host.Progress.Select(record => record.ActivityId).Distinct());
    }

    [Fact]
    public void Verbose_shows_each_request()
    {
        using var session = Session.WithSandbox("-UserCount 1");
        using System.Management.Automation.PowerShell shell = session.Create("Get-ScimUser 1 -Verbose; Get-ScimUser 1");

        shell.Invoke();

        VerboseRecord message = Assert.Single(shell.Streams.Verbose);
        Assert.Matches("^GET .*Users/1: 200 OK in [0-9]+ ms$", message.Message);
    }

    private static async Task<int> Receive(TcpClient client, byte[] buffer)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(5));
        try
        {
            return await client.GetStream().ReadAsync(buffer, patience.Token);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
