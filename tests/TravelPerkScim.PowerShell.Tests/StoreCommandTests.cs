using System.Globalization;
using Npgsql;
using TravelPerkScim.Provisioning.Tests.State;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>Jobs whose states are in one PostgreSQL, as a user at a prompt meets them.</summary>
public sealed class StoreCommandTests : IClassFixture<PostgresCluster>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-").FullName;
    private readonly string _database;
    private readonly string _file;

    public StoreCommandTests(PostgresCluster cluster)
    {
        _database = PostgresCluster.Missing is null ? cluster.NewDatabase() : "Host=127.0.0.1;Database=none";
        _file = Path.Combine(_folder, "store");
        WritePrivate(_file, _database);
        File.WriteAllLines(
            Path.Combine(_folder, "users.json"),
            Enumerable
                .Range(1, 5)
                .Select(n =>
                    $$"""{"id":"00000000-0000-4000-8000-{{n:D12}}","userPrincipalName":"user{{n}}@example.com","givenName":"Given{{n}}","surname":"Family{{n}}","accountEnabled":true}"""
                )
        );
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [PostgresFact]
    public void A_shared_job_runs_by_hand_and_every_command_sees_its_state()
    {
        using Session session = Connected();
        session.Run("$null = New-ProvisioningJob contoso users.json -StateKey contoso");

        Assert.Equal(5, session.Run("Invoke-Provisioning contoso").Count);

        Assert.Empty(session.Run("Get-ProvisioningPlan contoso"));
        Assert.Equal(5, session.Value<int>("(Get-ProvisioningStatus contoso).LinkedUsers"));
        Assert.Equal(5, session.Value<int>("@(Get-ProvisioningLog contoso).Count"));
        Assert.Equal(
            "report.md",
            session.Value<string>("(Get-ProvisioningLog contoso | Export-ProvisioningReport report.md -Job contoso -PassThru).Name")
        );
        session.Run("Reset-ProvisioningJob contoso -Scope Links -Force -WarningAction SilentlyContinue");
        Assert.Equal(0, session.Value<int>("(Get-ProvisioningStatus contoso).LinkedUsers"));
        Assert.All(session.Run("Invoke-Provisioning contoso"), found => Assert.Equal("Link", found.Properties["Action"].Value.ToString()));
        Assert.Equal(5, session.Value<int>("(Get-ProvisioningStatus contoso).LinkedUsers"));
        Assert.False(File.Exists(Path.Combine(_folder, "contoso", "state.db")));
        Assert.Equal(5, session.Value<int>("$sandbox.UserCount"));
    }

    [PostgresFact]
    public void A_session_without_the_store_refuses_a_shared_job_and_says_how_to_connect()
    {
        using Session session = Connected();
        session.Run("$null = New-ProvisioningJob contoso users.json -StateKey contoso; Disconnect-ProvisioningStore");

        ErrorRecord error = session.Fail("Invoke-Provisioning contoso");

        Assert.StartsWith("StateStoreMissing", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Connect-ProvisioningStore", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, session.Value<int>("$sandbox.UserCount"));
        Assert.StartsWith(
            "StoreNotConnected",
            session.Fail("Get-ProvisioningStatus -Store").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [PostgresFact]
    public void A_job_that_another_node_has_is_busy_and_the_error_says_which_node_and_until_when()
    {
        using Session session = Connected();
        using Session other = Connected();
        session.Run("$null = New-ProvisioningJob contoso users.json -StateKey contoso; $null = Invoke-Provisioning contoso");
        Hold("contoso", "worker-2 4711 x");

        ErrorRecord busy = session.Fail("Invoke-Provisioning contoso -Initial");

        Assert.StartsWith("JobBusy", busy.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Matches("process 4711 on worker-2 since .*, with a lease until ", busy.ToString());
        // -WhatIf needs no lease.
        session.Run("$null = Invoke-Provisioning contoso -Initial -WhatIf");
        Assert.Equal(
            ("contoso", "process 4711 on worker-2"),
            (
                other.Value<string>("(Get-ProvisioningStatus -Store).Key"),
                other.Value<string>("(Get-ProvisioningStatus -Store | Where-Object HeldUntil -GT ([datetime]::UtcNow)).Holder")
            )
        );
    }

    [PostgresFact]
    public void WhatIf_writes_nothing_into_the_store()
    {
        using Session session = Connected();
        session.Run("$null = New-ProvisioningJob contoso users.json -StateKey contoso");

        Assert.Equal(5, session.Run("Invoke-Provisioning contoso -WhatIf").Count);

        Assert.Equal(0L, PostgresCluster.Sql(_database, "SELECT count(*) FROM travelperkscim.job"));
    }

    [PostgresFact]
    public void A_job_moves_into_the_store_and_back_and_each_place_goes_on_without_a_change()
    {
        using Session session = Connected();
        session.Run("$null = New-ProvisioningJob contoso users.json; $null = Invoke-Provisioning contoso");
        long writes = session.Value<long>("$sandbox.WriteCount");

        session.Run("Move-ProvisioningJobState contoso -ToStore -StateKey contoso -WhatIf");
        Assert.True(session.Value<bool>("$null -eq (Get-ProvisioningJob contoso).Settings.StateKey"));
        PSObject moved = Assert.Single(session.Run("Move-ProvisioningJobState contoso -ToStore -StateKey contoso -Confirm:$false"));

        Assert.EndsWith("state.db", (string)moved.Properties["From"].Value, StringComparison.Ordinal);
        Assert.StartsWith("contoso in the database", (string)moved.Properties["To"].Value, StringComparison.Ordinal);
        Assert.Equal("contoso", session.Value<string>("(Get-ProvisioningJob contoso).Settings.StateKey"));
        Assert.Empty(session.Run("Invoke-Provisioning contoso -Initial"));
        session.Run("$null = Move-ProvisioningJobState contoso -ToFile -Confirm:$false");
        Assert.Empty(session.Run("Invoke-Provisioning contoso -Initial"));
        Assert.Equal(writes, session.Value<long>("$sandbox.WriteCount"));
        Assert.Equal(3, session.Value<int>("(Get-ProvisioningStatus contoso).Cycles.Count"));
        Assert.Empty(session.Run("Get-ProvisioningStatus -Store"));
    }

    [PostgresFact]
    public void A_job_whose_state_was_moved_back_is_refused_on_the_other_machines()
    {
        using Session session = Connected();
        session.Run(
            """
            $null = New-ProvisioningJob contoso users.json -StateKey contoso; $null = Invoke-Provisioning contoso
            $null = New-Item other -ItemType Directory; Copy-Item contoso other -Recurse
            $null = Move-ProvisioningJobState contoso -ToFile -Confirm:$false
            """
        );

        ErrorRecord moved = session.Fail("Invoke-Provisioning other/contoso");

        Assert.StartsWith("StateMoved", moved.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder, "contoso", "state.db"), moved.ToString(), StringComparison.Ordinal);
    }

    [PostgresFact]
    public void A_removed_job_leaves_no_row_and_a_copy_of_its_folder_does_not_begin_again()
    {
        using Session session = Connected();
        session.Run(
            """
            $null = New-ProvisioningJob contoso users.json -StateKey contoso; $null = Invoke-Provisioning contoso
            $null = New-Item other -ItemType Directory; Copy-Item contoso other -Recurse
            Remove-ProvisioningJob contoso -Confirm:$false
            """
        );

        Assert.False(Directory.Exists(Path.Combine(_folder, "contoso")));
        Assert.Equal(
            0L,
            PostgresCluster.Sql(_database, "SELECT (SELECT count(*) FROM travelperkscim.link) + (SELECT count(*) FROM travelperkscim.log)")
        );
        Assert.StartsWith(
            "StateRemoved",
            session.Fail("Invoke-Provisioning other/contoso").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        session.Run("Remove-ProvisioningJob other/contoso -Confirm:$false");
    }

    [PostgresFact]
    public void A_copied_folder_with_the_key_of_another_job_changes_nothing_of_that_job()
    {
        using Session session = Connected();
        session.Run(
            "$null = New-ProvisioningJob contoso users.json -StateKey contoso; $null = Invoke-Provisioning contoso; Copy-Item contoso copy -Recurse"
        );

        string[] commands =
        [
            "Invoke-Provisioning copy",
            "Get-ProvisioningStatus copy",
            "Reset-ProvisioningJob copy -Scope All -Force -WarningAction SilentlyContinue",
            "Remove-ProvisioningJob copy -Confirm:$false",
        ];
        Assert.All(
            commands,
            command => Assert.StartsWith("StateOfAnotherJob", session.Fail(command).FullyQualifiedErrorId, StringComparison.Ordinal)
        );

        Assert.Equal(5, session.Value<int>("(Get-ProvisioningStatus contoso).LinkedUsers"));
    }

    [PostgresFact]
    public void All_jobs_of_the_store_come_worst_first_and_a_broken_one_hides_no_other()
    {
        using Session session = Connected();
        session.Run(
            """
            foreach ($name in 'well', 'staged', 'held', 'broken', 'stopped') {
                $null = New-ProvisioningJob $name users.json -StateKey $name
                $null = Invoke-Provisioning $name
            }
            $null = New-ProvisioningJob fresh users.json -StateKey fresh
            """
        );
        Sql(
            "staged",
            "INSERT INTO travelperkscim.staged SELECT id, 'anna@example.com', 1, 'c', 'e' FROM travelperkscim.job WHERE key = $1"
        );
        Sql("stopped", "UPDATE travelperkscim.cycle SET summary = replace(summary, '\"State\":1', '\"State\":4') " + Of);
        Sql("broken", "UPDATE travelperkscim.cycle SET summary = '{' " + Of);
        Sql(
            "held",
            Named(
                "quarantine",
                """{"Reason":"EncounteredQuarantineException","CycleId":"11111111-1111-4111-8111-111111111111","Began":"2026-01-01T00:00:00Z","NextAttempt":"2026-01-02T00:00:00Z","Message":"anna@example.com","Disabled":false}"""
            )
        );

        string[] jobs =
        [
            .. session
                .TryRun("Get-ProvisioningStatus -Store | ForEach-Object { \"$($_.Key) $($_.Concern) $($_.LinkedUsers)\" }")
                .Select(line => line.ToString()),
        ];

        Assert.Equal(["held Quarantine 5", "stopped CutOff 5", "staged Staged 5", "well None 5"], jobs);
        ErrorRecord broken = Assert.Single(session.Errors);
        Assert.StartsWith("StateUnreadable", broken.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("broken in the database", broken.ToString(), StringComparison.Ordinal);
        string shown = string.Concat(
            session.TryRun(
                "Get-ProvisioningStatus -Store -ErrorAction SilentlyContinue | Out-String -Width 200; Get-ProvisioningStatus -Store -ErrorAction SilentlyContinue | ConvertTo-Json -Depth 8"
            )
        );
        Assert.Matches(@"(?m)^Key +Concern +LastCycle +SilentSince +Linked +Escrowed +Staged +Holder", shown);
        Assert.Matches(@"(?m)^stopped +CutOff +Initial, Stopped", shown);
        Assert.DoesNotContain("anna", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void All_jobs_of_a_folder_come_worst_first_and_a_broken_one_hides_no_other()
    {
        using var session = Session.WithSandbox();
        session.Run(
            """
            param($folder)
            $null = $ExecutionContext.SessionState.Path.SetLocation($folder)
            foreach ($name in 'a-well', 'b-failing', 'c-broken') { $null = New-ProvisioningJob "jobs/$name" users.json }
            $null = New-Item jobs/no-job -ItemType Directory
            foreach ($name in 'a-well', 'b-failing') { $null = Invoke-Provisioning "jobs/$name" }
            [System.IO.File]::Delete("$folder/users.json")
            Invoke-Provisioning jobs/b-failing -ErrorAction SilentlyContinue
            Set-Content jobs/c-broken/job.json '{'
            """,
            _folder
        );

        string[] jobs =
        [
            .. session
                .TryRun("Get-ProvisioningStatus ./jobs/* | ForEach-Object { \"$($_.Job) $($_.Concern)\" }")
                .Select(line => line.ToString()),
        ];

        Assert.Equal(["b-failing CycleFailed", "a-well None"], jobs);
        Assert.StartsWith("JobSettingsInvalid", Assert.Single(session.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        string shown = string.Concat(session.TryRun("Get-ProvisioningStatus ./jobs/* -ErrorAction Ignore | Out-String -Width 200"));
        Assert.Matches(@"(?m)^Job +Concern +LastCycle +SilentSince +Linked +Escrowed +Staged", shown);
    }

    [PostgresFact]
    public async Task A_runbook_names_the_file_by_an_environment_variable_and_Npgsql_is_loaded_only_then()
    {
        using Session session = Connected();
        session.Run("$null = New-ProvisioningJob contoso users.json -StateKey contoso; $null = Invoke-Provisioning contoso");

        ChildHost.Result result = await ChildHost.RunAsync(
            start =>
            {
                start.Environment["TRAVELPERKSCIM_STORE"] = _file;
                start.Environment["FOLDER"] = _folder;
            },
            "-Command",
            """
            function Loaded { @([System.AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -in 'Npgsql', 'TravelPerkScim.Postgres' }).Count }
            $null = New-ProvisioningJob "$env:FOLDER/alone" "$env:FOLDER/users.json" -Target https://127.0.0.1/scim
            $null = Get-ProvisioningStatus "$env:FOLDER/alone"
            "before $(Loaded)"
            "linked $((Get-ProvisioningStatus "$env:FOLDER/contoso").LinkedUsers)"
            "after $(Loaded)"
            """
        );

        Assert.Equal(("before 0\nlinked 5\nafter 2\n", ""), (result.Output, result.Error));
    }

    [Fact]
    public void A_file_that_others_can_read_or_that_holds_no_connection_is_refused_without_its_text()
    {
        using Session session = new();
        WritePrivate(_file, "hunter2secret");
        ErrorRecord none = session.Fail("param($file) Connect-ProvisioningStore $file", _file);
        Assert.StartsWith("StoreUnusable", none.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2secret", none.ToString(), StringComparison.Ordinal);
        Assert.StartsWith(
            "StoreUnusable",
            session.Fail("Connect-ProvisioningStore ./missing").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        ErrorRecord open = session.Fail("param($file) Connect-ProvisioningStore $file", _file);
        Assert.Contains("chmod 600", open.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_does_not_answer_is_not_connected()
    {
        using Session session = new();
        WritePrivate(_file, "Host=127.0.0.1;Port=1;Database=states;Username=a;Password=hunter2");

        ErrorRecord error = session.Fail("param($file) Connect-ProvisioningStore $file", _file);

        Assert.StartsWith("StateUnreadable", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("The database states on 127.0.0.1 cannot be read: ", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
        Assert.StartsWith(
            "StoreNotConnected",
            session.Fail("Get-ProvisioningStatus -Store").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    private const string Of = "WHERE job = (SELECT id FROM travelperkscim.job WHERE key = $1)";

    private static string Named(string name, string text) =>
        $"INSERT INTO travelperkscim.named (job, name, text) SELECT id, '{name}', '{text}' FROM travelperkscim.job WHERE key = $1 "
        + "ON CONFLICT (job, name) DO UPDATE SET text = excluded.text";

    private static void WritePrivate(string file, string text)
    {
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private void Hold(string key, string owner) =>
        Sql(
            key,
            string.Create(
                CultureInfo.InvariantCulture,
                $"UPDATE travelperkscim.job SET owner = '{owner}', since = now(), expires = now() + interval '1 minute' WHERE key = $1"
            )
        );

    private void Sql(string key, string sql)
    {
        using var source = NpgsqlDataSource.Create(_database + ";Pooling=false");
        using NpgsqlCommand command = source.CreateCommand(sql);
        command.Parameters.AddWithValue(key);
        Assert.NotEqual(0, command.ExecuteNonQuery());
    }

    private Session Connected()
    {
        var session = Session.WithSandbox();
        session.Run(
            "param($folder, $file) $null = $ExecutionContext.SessionState.Path.SetLocation($folder); Connect-ProvisioningStore $file",
            _folder,
            _file
        );
        return session;
    }
}
