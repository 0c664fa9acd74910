using Microsoft.Data.Sqlite;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Provisioning.Tests.Cycle;

namespace TravelPerkScim.Provisioning.Tests.Disk;

/// <summary>State that cannot be written, state on a share, and a state file that was changed by hand.</summary>
public sealed class StateOnDiskTests
{
    private const string Advice = "move it away";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_job_that_cannot_be_written_can_be_looked_at(bool unfinished)
    {
        await using CycleFixture fixture = await CompanyAsync();
        if (unfinished)
            LeaveUnfinished(fixture);
        using var folder = new ReadOnlyFolder(fixture.Job.Path);

        Assert.Equal(unfinished ? 2 : 3, ProvisioningStatus.Read(fixture.Job).LinkedUsers);
        Assert.Equal(3, ProvisioningLog.Read(fixture.Job, default).Count());
        fixture.People[0]["jobTitle"] = "Chief";
        Assert.Equal(
            "user1@example.com",
            Assert.Single((await fixture.PlanAsync()).Operations, o => o.Action == ProvisioningAction.Update).Identity
        );
        Assert.DoesNotContain(
            Directory.GetDirectories(Path.GetTempPath(), "travelperk-state-*"),
            folder => Directory.GetCreationTimeUtc(folder) > DateTime.UtcNow.AddMinutes(-1) && IsOurs(folder, fixture)
        );
    }

    [Fact]
    public async Task A_cycle_that_cannot_write_says_so_and_never_advises_to_move_a_sound_state_away()
    {
        await using CycleFixture fixture = await CompanyAsync();
        fixture.People[0]["jobTitle"] = "Chief";
        ProvisioningPlan plan = await fixture.PlanAsync();
        Obstruct(fixture);

        ProvisioningException state = await Assert.ThrowsAsync<ProvisioningException>(() => fixture.ApplyAsync(plan));
        Directory.CreateDirectory(fixture.StateFile + ".lock");
        ProvisioningException folder = await Assert.ThrowsAsync<ProvisioningException>(() => fixture.ApplyAsync(plan));

        Assert.Equal(("StateUnwritable", "JobUnwritable"), (state.ErrorId, folder.ErrorId));
        Assert.DoesNotContain(Advice, state.Message + folder.Message, StringComparison.Ordinal);
        Assert.Contains("read-only", state.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be written", folder.Message, StringComparison.Ordinal);
        Assert.Equal(3, fixture.Writes);
    }

    [Fact]
    public async Task A_folder_that_is_gone_is_not_another_cycle()
    {
        await using CycleFixture fixture = await CompanyAsync();
        ProvisioningPlan plan = await fixture.PlanAsync();
        Directory.Move(fixture.Job.Path, fixture.Job.Path + ".gone");

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => fixture.ApplyAsync(plan));

        Assert.Equal("JobUnwritable", error.ErrorId);
    }

    [Fact]
    public async Task On_a_share_no_log_is_written_beside_the_state_and_on_a_disk_again_it_is()
    {
        await using CycleFixture fixture = await CompanyAsync();
        Assert.Equal(2, Format(fixture));
        fixture.Job.VolumeOf = _ => Volume.Network;

        fixture.People[0]["jobTitle"] = "Chief";
        Assert.Single(await fixture.RunAsync());

        Assert.Equal(1, Format(fixture));
        Assert.Equal(3, ProvisioningStatus.Read(fixture.Job).LinkedUsers);
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(["state.db"], Directory.GetFiles(fixture.Job.Path, "state.db*").Select(Path.GetFileName));
        fixture.Job.VolumeOf = Volumes.Of;
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(2, Format(fixture));
    }

    [Fact]
    public async Task A_job_asks_once_which_file_system_its_folder_is_on()
    {
        await using CycleFixture fixture = await CompanyAsync();
        int asked = 0;
        fixture.Job.VolumeOf = folder =>
        {
            asked++;
            return Volumes.Of(folder);
        };

        ProvisioningStatus.Read(fixture.Job);
        Assert.Empty(await fixture.RunAsync());

        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task State_that_another_process_has_open_in_the_form_for_a_disk_is_not_used_on_a_share()
    {
        await using CycleFixture fixture = await CompanyAsync();
        using var other = new SqliteConnection($"Data Source={fixture.StateFile};Pooling=False");
        other.Open();
        using SqliteCommand read = other.CreateCommand();
        read.CommandText = "BEGIN; SELECT count(*) FROM link";
        read.ExecuteScalar();
        fixture.Job.VolumeOf = _ => Volume.Network;

        ProvisioningException error = Assert.Throws<ProvisioningException>(() => ProvisioningStatus.Read(fixture.Job));

        Assert.Equal("StateUnreadable", error.ErrorId);
        Assert.Contains("another process has the state open", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Advice, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/srv/jobs/contoso", true)]
    [InlineData("/srv/jobs", true)]
    [InlineData("/srv/jobs2", false)]
    [InlineData("/srv/jobs/local disk/contoso", false)]
    [InlineData("/mnt/win/contoso", true)]
    [InlineData("/mnt/ssh", true)]
    [InlineData("/mnt/fuse", false)]
    [InlineData("/mnt/over", true)]
    [InlineData("/home/ana/contoso", false)]
    public void A_network_file_system_is_known_from_the_mounts(string folder, bool network)
    {
        const string Mounts = """
            22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
            40 22 0:50 / /srv/jobs rw,relatime shared:9 - nfs4 files:/jobs rw,vers=4.2
            41 40 8:17 / /srv/jobs/local\040disk rw,relatime shared:9 - xfs /dev/sdb1 rw
            42 22 0:51 / /mnt/win rw,relatime - cifs //files/jobs rw,vers=3.1.1
            43 22 0:52 / /mnt/ssh rw,nosuid - fuse.sshfs ana@files: rw
            44 22 0:53 / /mnt/fuse rw,nosuid - fuse.fuse-overlayfs fuse-overlayfs rw
            45 22 8:18 / /mnt/over rw - ext4 /dev/sdc1 rw
            46 22 0:54 / /mnt/over rw - 9p host rw
            """;

        Assert.Equal(network ? Volume.Network : Volume.Local, Volumes.Of(folder, Mounts));
    }

    [Theory]
    [InlineData("CREATE TRIGGER quiet BEFORE INSERT ON log BEGIN SELECT raise(ignore); END", "trigger quiet")]
    [InlineData("CREATE VIEW other AS SELECT * FROM link", "view other")]
    public async Task State_with_something_in_it_that_runs_is_refused(string sql, string named)
    {
        await using CycleFixture fixture = await CompanyAsync();
        Execute(fixture.StateFile, sql);

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => fixture.PlanAsync());

        Assert.Equal("StateUnreadable", error.ErrorId);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    private static async Task<CycleFixture> CompanyAsync()
    {
        var fixture = new CycleFixture();
        for (int i = 1; i <= 3; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        return fixture;
    }

    // SQLite cannot make what it needs beside the file.
    private static void Obstruct(CycleFixture fixture)
    {
        File.Delete(fixture.StateFile + "-shm");
        Directory.CreateDirectory(fixture.StateFile + "-shm");
    }

    // As a snapshot has it that was taken while a cycle ran: the last commits are in the log beside the file.
    private static void LeaveUnfinished(CycleFixture fixture)
    {
        string kept = fixture.StateFile + ".kept";
        using (var running = new SqliteConnection($"Data Source={fixture.StateFile};Pooling=False"))
        {
            running.Open();
            using SqliteCommand command = running.CreateCommand();
            command.CommandText = "PRAGMA wal_autocheckpoint = 0; DELETE FROM link WHERE anchor = (SELECT min(anchor) FROM link)";
            command.ExecuteNonQuery();
            File.Copy(fixture.StateFile, kept);
            File.Copy(fixture.StateFile + "-wal", kept + "-wal");
        }
        File.Move(kept, fixture.StateFile, overwrite: true);
        File.Move(kept + "-wal", fixture.StateFile + "-wal", overwrite: true);
    }

    private static bool IsOurs(string folder, CycleFixture fixture) =>
        Directory.GetFiles(folder, "state.db").Any(copy => new FileInfo(copy).Length == new FileInfo(fixture.StateFile).Length);

    private static int Format(CycleFixture fixture) => File.ReadAllBytes(fixture.StateFile)[18];

    private static void Execute(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
