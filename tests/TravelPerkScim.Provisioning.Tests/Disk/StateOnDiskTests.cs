using Microsoft.Data.Sqlite;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Provisioning.Tests.Cycle;

namespace TravelPerkScim.Provisioning.Tests.Disk;

/// <summary>State where it cannot be written, on a share, and in a file that somebody changed.</summary>
public sealed class StateOnDiskTests
{
    private const string Advice = "move it away";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_job_that_cannot_be_written_can_be_looked_at(bool unfinished)
    {
        await using CycleBench bench = await CompanyAsync();
        if (unfinished)
            LeaveUnfinished(bench);
        using var folder = new ReadOnlyFolder(bench.Job.Path);

        Assert.Equal(unfinished ? 2 : 3, ProvisioningStatus.Read(bench.Job).LinkedUsers);
        Assert.Equal(3, ProvisioningLog.Read(bench.Job, default).Count());
        bench.People[0]["jobTitle"] = "Chief";
        Assert.Equal(
            "user1@example.com",
            Assert.Single((await bench.PlanAsync()).Operations, o => o.Action == ProvisioningAction.Update).Identity
        );
        Assert.DoesNotContain(
            Directory.GetDirectories(Path.GetTempPath(), "travelperk-state-*"),
            folder => Directory.GetCreationTimeUtc(folder) > DateTime.UtcNow.AddMinutes(-1) && IsOurs(folder, bench)
        );
    }

    [Fact]
    public async Task A_cycle_that_cannot_write_says_so_and_never_advises_to_move_a_sound_state_away()
    {
        await using CycleBench bench = await CompanyAsync();
        bench.People[0]["jobTitle"] = "Chief";
        ProvisioningPlan plan = await bench.PlanAsync();
        Obstruct(bench);

        ProvisioningException state = await Assert.ThrowsAsync<ProvisioningException>(() => bench.ApplyAsync(plan));
        Directory.CreateDirectory(bench.StateFile + ".lock");
        ProvisioningException folder = await Assert.ThrowsAsync<ProvisioningException>(() => bench.ApplyAsync(plan));

        Assert.Equal(("StateUnwritable", "JobUnwritable"), (state.ErrorId, folder.ErrorId));
        Assert.DoesNotContain(Advice, state.Message + folder.Message, StringComparison.Ordinal);
        Assert.Contains("read-only", state.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be written", folder.Message, StringComparison.Ordinal);
        Assert.Equal(3, bench.Writes);
    }

    [Fact]
    public async Task A_folder_that_is_gone_is_not_another_cycle()
    {
        await using CycleBench bench = await CompanyAsync();
        ProvisioningPlan plan = await bench.PlanAsync();
        Directory.Move(bench.Job.Path, bench.Job.Path + ".gone");

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => bench.ApplyAsync(plan));

        Assert.Equal("JobUnwritable", error.ErrorId);
    }

    [Fact]
    public async Task On_a_share_no_log_is_written_beside_the_state_and_on_a_disk_again_it_is()
    {
        await using CycleBench bench = await CompanyAsync();
        Assert.Equal(2, Format(bench));
        bench.Job.VolumeOf = _ => Volume.Network;

        bench.People[0]["jobTitle"] = "Chief";
        Assert.Single(await bench.RunAsync());

        Assert.Equal(1, Format(bench));
        Assert.Equal(3, ProvisioningStatus.Read(bench.Job).LinkedUsers);
        Assert.Empty(await bench.RunAsync());
        Assert.Equal(["state.db"], Directory.GetFiles(bench.Job.Path, "state.db*").Select(Path.GetFileName));
        bench.Job.VolumeOf = Volumes.Of;
        Assert.Empty(await bench.RunAsync());
        Assert.Equal(2, Format(bench));
    }

    [Fact]
    public async Task State_that_another_process_has_open_in_the_form_for_a_disk_is_not_used_on_a_share()
    {
        await using CycleBench bench = await CompanyAsync();
        using var other = new SqliteConnection($"Data Source={bench.StateFile};Pooling=False");
        other.Open();
        using SqliteCommand read = other.CreateCommand();
        read.CommandText = "BEGIN; SELECT count(*) FROM link";
        read.ExecuteScalar();
        bench.Job.VolumeOf = _ => Volume.Network;

        ProvisioningException error = Assert.Throws<ProvisioningException>(() => ProvisioningStatus.Read(bench.Job));

        Assert.Equal("StateUnreadable", error.ErrorId);
        Assert.Contains("another process has it open", error.Message, StringComparison.OrdinalIgnoreCase);
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
        await using CycleBench bench = await CompanyAsync();
        Execute(bench.StateFile, sql);

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => bench.PlanAsync());

        Assert.Equal("StateUnreadable", error.ErrorId);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    private static async Task<CycleBench> CompanyAsync()
    {
        var bench = new CycleBench();
        for (int i = 1; i <= 3; i++)
            bench.Add(i);
        await bench.RunAsync();
        return bench;
    }

    // SQLite cannot make what it needs beside the file.
    private static void Obstruct(CycleBench bench)
    {
        File.Delete(bench.StateFile + "-shm");
        Directory.CreateDirectory(bench.StateFile + "-shm");
    }

    // As a snapshot has it that was taken while a cycle ran: the last commits are in the log beside the file.
    private static void LeaveUnfinished(CycleBench bench)
    {
        string kept = bench.StateFile + ".kept";
        using (var running = new SqliteConnection($"Data Source={bench.StateFile};Pooling=False"))
        {
            running.Open();
            using SqliteCommand command = running.CreateCommand();
            command.CommandText = "PRAGMA wal_autocheckpoint = 0; DELETE FROM link WHERE anchor = (SELECT min(anchor) FROM link)";
            command.ExecuteNonQuery();
            File.Copy(bench.StateFile, kept);
            File.Copy(bench.StateFile + "-wal", kept + "-wal");
        }
        File.Move(kept, bench.StateFile, overwrite: true);
        File.Move(kept + "-wal", bench.StateFile + "-wal", overwrite: true);
    }

    private static bool IsOurs(string folder, CycleBench bench) =>
        Directory.GetFiles(folder, "state.db").Any(copy => new FileInfo(copy).Length == new FileInfo(bench.StateFile).Length);

    private static int Format(CycleBench bench) => File.ReadAllBytes(bench.StateFile)[18];

    private static void Execute(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
