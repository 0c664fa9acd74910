using System.Diagnostics;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Review;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Provisioning.Tests.Cycle;

namespace TravelPerkScim.Provisioning.Tests.Disk;

/// <summary>A job folder that another person prepared: no file outside of it is written or read, nothing blocks, and others on the machine
/// read nothing.</summary>
public sealed class JobFilesTests : IDisposable
{
    private const string Mine = "what the administrator had";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("files-");

    private string Victim => Path.Combine(_folder.FullName, "victim");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("job.json")]
    [InlineData("mapping.json")]
    public async Task A_link_that_waits_where_a_file_is_written_first_is_not_followed(string name)
    {
        await using CycleFixture fixture = Linked($"{name}.new");

        fixture.Job.Save(fixture.Job.Settings with { DeleteThreshold = 7 });
        fixture.Job.SaveMapping(SynchronizationSchema.Default);

        Assert.Equal(Mine, File.ReadAllText(Victim));
        Assert.Equal(7, ProvisioningJob.Open(fixture.Job.Path).Settings.DeleteThreshold);
    }

    [Fact]
    public async Task A_plan_is_written_through_no_link()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        IReadOnlyList<ProvisioningOperation> operations = (await fixture.PlanAsync()).Operations;
        File.WriteAllText(Victim, Mine);
        string plan = Path.Combine(_folder.FullName, "plan.json");
        File.CreateSymbolicLink(plan + ".new", Victim);

        await PlanFile.SaveAsync(plan, operations, default);

        Assert.Equal(Mine, File.ReadAllText(Victim));
        File.Delete(plan);
        File.CreateSymbolicLink(plan, Victim);
        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => PlanFile.SaveAsync(plan, operations, default));
        Assert.Equal("FileIsLink", error.ErrorId);
        Assert.Contains(Victim, error.Message, StringComparison.Ordinal);
        Assert.Equal(Mine, File.ReadAllText(Victim));
    }

    [Theory]
    [InlineData("job.json")]
    [InlineData("mapping.json")]
    [InlineData("state.db")]
    [InlineData("state.db-wal")]
    [InlineData("state.db-shm")]
    [InlineData("state.db-journal")]
    [InlineData("state.db.lock")]
    public async Task A_job_file_that_is_a_link_out_of_the_folder_is_refused_and_named(string name)
    {
        await using CycleFixture fixture = Linked(name);
        fixture.Add(1);

        ProvisioningException opened = Assert.Throws<ProvisioningException>(() => ProvisioningJob.Open(fixture.Job.Path));
        // It was opened before the link was made.
        ProvisioningException used =
            name == "job.json"
                ? Assert.Throws<ProvisioningException>(() => fixture.Job.Save(fixture.Job.Settings))
                : await Assert.ThrowsAsync<ProvisioningException>(() => fixture.RunAsync());

        foreach (ProvisioningException error in new[] { opened, used })
        {
            Assert.Equal("JobFileIsLink", error.ErrorId);
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
            Assert.Contains(Victim, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("state.db.lock")]
    [InlineData("mapping.json")]
    public async Task A_link_to_nothing_does_not_make_what_it_points_to(string name)
    {
        await using var fixture = new CycleFixture();
        File.Delete(Path.Combine(fixture.Job.Path, name));
        File.CreateSymbolicLink(Path.Combine(fixture.Job.Path, name), Victim);

        Action write =
            name == "mapping.json" ? () => fixture.Job.SaveMapping(SynchronizationSchema.Default) : () => fixture.Job.Reset(JobReset.All);
        Assert.Equal("JobFileIsLink", Assert.Throws<ProvisioningException>(write).ErrorId);
        Assert.False(File.Exists(Victim));
    }

    [Theory]
    [InlineData("\"concurrency\": 2, \"Concurrency\": 3", "is there twice")]
    [InlineData("\"zzz\": 1", "'zzz' is no setting of a job")]
    [InlineData("\"concurrency\": \"many\"", "the value of 'concurrency' is of another type")]
    public async Task A_setting_that_is_doubled_unknown_or_of_another_type_is_told_in_words(string setting, string told)
    {
        await using var fixture = new CycleFixture();
        string file = Path.Combine(fixture.Job.Path, "job.json");
        File.WriteAllText(
            file,
            File.ReadAllText(file).Replace("\"concurrency\": 64,", "", StringComparison.Ordinal).TrimEnd().TrimEnd('}') + $", {setting}}}"
        );

        ProvisioningException error = Assert.Throws<ProvisioningException>(() => ProvisioningJob.Open(fixture.Job.Path));

        Assert.Equal("JobSettingsInvalid", error.ErrorId);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("TravelPerkScim.Provisioning", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mounted_configuration_that_links_within_the_folder_works_and_stays_so()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        string folder = fixture.Job.Path,
            settings = Path.Combine(folder, "job.json");
        Directory.CreateDirectory(Path.Combine(folder, "..2026"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "..data"), "..2026");
        foreach (string name in new[] { "job.json", "mapping.json" })
        {
            File.Move(Path.Combine(folder, name), Path.Combine(folder, "..2026", name));
            File.CreateSymbolicLink(Path.Combine(folder, name), $"..data/{name}");
        }

        ProvisioningJob.Open(folder).Save(fixture.Job.Settings with { DeleteThreshold = 7 });

        Assert.NotNull(new FileInfo(settings).LinkTarget);
        Assert.Equal(7, ProvisioningJob.Open(folder).Settings.DeleteThreshold);
        Assert.Single(await fixture.RunAsync());
        File.Delete(settings);
        File.CreateSymbolicLink(settings, "..data/../../users.json");
        Assert.Equal("JobFileIsLink", Assert.Throws<ProvisioningException>(() => ProvisioningJob.Open(folder)).ErrorId);
    }

    [Fact]
    public async Task State_and_plans_are_readable_by_their_owner_only_and_older_files_become_so()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        string plan = Path.Combine(_folder.FullName, "plan.json");
        File.WriteAllText(plan, "");
        await PlanFile.SaveAsync(plan, (await fixture.PlanAsync()).Operations, default);
        await fixture.RunAsync();
        string[] files = [plan, fixture.StateFile];
        if (OperatingSystem.IsWindows())
        {
            Assert.All(files, file => Assert.True(File.Exists(file)));
            return;
        }

        foreach (string file in files)
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        File.SetUnixFileMode(
            fixture.StateFile,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead
        );
        _ = ProvisioningStatus.Read(fixture.Job);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(fixture.StateFile));
        Assert.Empty(fixture.Job.Warnings);
        UnixFileMode shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        File.SetUnixFileMode(Path.Combine(fixture.Job.Path, "job.json"), shared);
        fixture.Job.Save(fixture.Job.Settings with { DeleteThreshold = 7 });
        Assert.Equal(shared, File.GetUnixFileMode(Path.Combine(fixture.Job.Path, "job.json")));
    }

    [Fact]
    public async Task A_pipe_in_the_place_of_a_job_file_does_not_block()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var fixture = new CycleFixture();
        string plan = Path.Combine(_folder.FullName, "plan.json");
        foreach (string file in new[] { Path.Combine(fixture.Job.Path, "job.json"), Path.Combine(fixture.Job.Path, "mapping.json"), plan })
        {
            File.Delete(file);
            using var made = Process.Start("mkfifo", [file]);
            await made.WaitForExitAsync();
        }

        Assert.Equal("JobSettingsInvalid", await ErrorOf(() => ProvisioningJob.Open(fixture.Job.Path)));
        Assert.Equal("MappingUnreadable", await ErrorOf(() => fixture.Job.ReadMapping()));
        Assert.Equal("PlanFileInvalid", await ErrorOf(() => PlanFile.ReadAsync(plan, default).GetAwaiter().GetResult()));
    }

    [Theory]
    [InlineData("job.json", 2 << 20, "JobUnreadable", "1 MiB")]
    [InlineData("mapping.json", 17 << 20, "MappingUnreadable", "16 MiB")]
    public async Task A_job_file_of_any_size_does_not_fill_memory(string name, long size, string errorId, string limit)
    {
        await using var fixture = new CycleFixture();
        using (FileStream file = File.OpenWrite(Path.Combine(fixture.Job.Path, name)))
            file.SetLength(size);

        ProvisioningException error = Assert.Throws<ProvisioningException>(() => ProvisioningJob.Open(fixture.Job.Path).ReadMapping());

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(limit, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_with_a_nul_is_one_clear_error()
    {
        await using var fixture = new CycleFixture();
        string settings = Path.Combine(fixture.Job.Path, "job.json");
        File.WriteAllText(settings, File.ReadAllText(settings).Replace("../users.json", "../users\\u0000.json", StringComparison.Ordinal));

        Assert.Equal("JobSettingsInvalid", Assert.Throws<ProvisioningException>(() => ProvisioningJob.Open(fixture.Job.Path)).ErrorId);
        Assert.Equal("PathInvalid", Assert.Throws<ProvisioningException>(() => ProvisioningJob.Open("a\0b")).ErrorId);
        Assert.Equal("PathInvalid", (await Assert.ThrowsAsync<ProvisioningException>(() => PlanFile.ReadAsync("a\0b", default))).ErrorId);
    }

    private static async Task<string> ErrorOf(Action use) =>
        (await Assert.ThrowsAsync<ProvisioningException>(() => Task.Run(use).WaitAsync(TimeSpan.FromSeconds(20)))).ErrorId;

    /// <summary>A job in whose folder a name is a link to a file elsewhere.</summary>
    private CycleFixture Linked(string name)
    {
        var fixture = new CycleFixture();
        string file = Path.Combine(fixture.Job.Path, name);
        File.WriteAllText(Victim, File.Exists(file) ? File.ReadAllText(file) : Mine);
        File.Delete(file);
        File.CreateSymbolicLink(file, Victim);
        return fixture;
    }
}
