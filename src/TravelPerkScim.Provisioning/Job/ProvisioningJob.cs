using System.Text;
using System.Text.Json;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>A job: a folder with <c>job.json</c>, <c>mapping.json</c> and, after its first cycle, <c>state.db</c>.</summary>
public sealed class ProvisioningJob
{
    private const string SettingsFile = "job.json";
    private const string MappingName = "mapping.json";
    private const int MostSettings = 1 << 20;

    private static readonly string[] s_own = ["state.db*", MappingName, MappingName + ".*.new", SettingsFile + ".*.new", SettingsFile];

    private Volume? _volume;
    private bool _ownFileIsLeft;

    private ProvisioningJob(string folder, JobSettings settings)
    {
        Path = folder;
        Settings = settings;
    }

    /// <summary>The folder's name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The job's folder, absolute.</summary>
    public string Path { get; }

    /// <summary>Source, target and thresholds.</summary>
    public JobSettings Settings { get; private set; }

    /// <summary>The directory file, absolute; null when the source is not a file.</summary>
    public string? SourcePath => Settings.Source.Path is { } source ? System.IO.Path.GetFullPath(source, Path) : null;

    /// <summary>When the source file was written last, UTC; null when the source is no file, or there is none.</summary>
    internal DateTimeOffset? SourceWritten =>
        SourcePath is { } source && new FileInfo(source) is { Exists: true } file ? new DateTimeOffset(file.LastWriteTimeUtc) : null;

    /// <summary>The source file was not written for longer than the notifications of the job allow.</summary>
    internal bool IsSourceStale(DateTimeOffset now) =>
        (Settings.Notifications ?? new JobNotifications()).SourceStaleAfter is { } longest
        && longest > TimeSpan.Zero
        && now - SourceWritten > longest;

    /// <summary>The SCIM base URI that the job writes to.</summary>
    public Uri Target => Settings.Target;

    /// <summary>The job keeps its state in a database that several machines share.</summary>
    public bool IsShared => Settings.StateKey is not null;

    /// <summary>Where the job's state is: a file in the job's folder, or the shared database that the process gave the job.</summary>
    /// <exception cref="ProvisioningException"><c>StateStoreMissing</c>; <c>StateInTwoPlaces</c>.</exception>
    internal IStateStore Store
    {
        get => IsShared ? SharedStore(field) : OwnFile;
        set;
    }

    /// <summary>The sign-ins of the job, where the process gave the job a store for them.</summary>
    internal ITokenStore? Tokens { get; set; }

    /// <summary>The state as a file in the job's folder.</summary>
    internal StateFile OwnFile => new(System.IO.Path.Combine(Path, "state.db"), _volume ??= VolumeOf(Path));

    // A job that began with an empty state would not know its users any more.
    private IStateStore SharedStore(IStateStore? given)
    {
        _ownFileIsLeft = _ownFileIsLeft || !OwnFile.Exists || IsLeft(OwnFile);
        if (!_ownFileIsLeft)
        {
            throw new ProvisioningException(
                "StateInTwoPlaces",
                $"The job '{Name}' has a stateKey in job.json, and a state.db in its folder. "
                    + "Only one of them is its state. Take the stateKey out of job.json where state.db is the state; "
                    + "Move-ProvisioningJobState then moves the state into the database. Otherwise move state.db away."
            );
        }
        return given
            ?? throw new ProvisioningException(
                "StateStoreMissing",
                $"The job '{Name}' keeps its state in a shared database, under the key '{Settings.StateKey}' of job.json. "
                    + "This process does not know the database. In PowerShell, Connect-ProvisioningStore names the database; "
                    + "for the worker, --store does."
            );
    }

    // A file that a move has left behind or has not finished, or that holds nothing, is no state of its own.
    private static bool IsLeft(StateFile file)
    {
        using StateDatabase? state = file.OpenToLook();
        return state is null || state.MarkWhenOpened is not null || StateTable.IsEmpty(state);
    }

    /// <summary>Gives the kind of the file system that a folder is on. The job asks once.</summary>
    internal Func<string, Volume> VolumeOf
    {
        get;
        set => (field, _volume) = (value, null);
    } = Volumes.Of;

    /// <summary>The job's mapping.</summary>
    /// <exception cref="ProvisioningException"><c>JobFileIsLink</c>.</exception>
    public MappingFile Mapping => new(JobFolder.FileOf(Path, MappingName));

    /// <summary>Problems of the job's files that the owner should know of; empty when there are none.</summary>
    /// <exception cref="ProvisioningException"><c>JobFileIsLink</c>.</exception>
    public IReadOnlyList<string> Warnings =>
        !IsShared && OwnFile is { IsOpenToOthers: true } file
            ?
            [
                $"Other accounts of this machine can read '{file.Path}', which holds personal data. "
                    + "This account could not change that. Let the file's owner take the permissions away (chmod 600).",
            ]
            : [];

    /// <summary>When job.json was last written, UTC.</summary>
    internal DateTimeOffset Changed => new(File.GetLastWriteTimeUtc(SettingsPath));

    private string LockPath => System.IO.Path.Combine(Path, "state.db.lock");

    private string SettingsPath => JobFolder.FileOf(Path, SettingsFile);

    /// <summary>True when the folder holds a job.</summary>
    public static bool Exists(string folder) => File.Exists(System.IO.Path.Combine(folder, SettingsFile));

    /// <summary>Makes the folder with its settings and mapping.</summary>
    /// <exception cref="ProvisioningException"><c>JobExists</c>; <c>JobSettingsInvalid</c>; <c>JobUnwritable</c>.</exception>
    public static ProvisioningJob Create(string folder, JobSettings settings, SynchronizationSchema mapping)
    {
        folder = Normalize(folder);
        if (Exists(folder))
        {
            throw new ProvisioningException(
                "JobExists",
                $"There is a job in '{folder}' already. Choose another path, or change it with Set-ProvisioningJob."
            );
        }

        settings.Validate(SettingsFile);
        CheckMapping(mapping);
        var job = new ProvisioningJob(folder, settings);
        job.OnDisk(() => Directory.CreateDirectory(folder));
        job.SaveMapping(mapping);
        job.Save(settings);
        return job;
    }

    /// <summary>Opens a job folder.</summary>
    /// <exception cref="ProvisioningException"><c>JobNotFound</c>; <c>JobSettingsInvalid</c>; <c>JobUnreadable</c>.</exception>
    public static ProvisioningJob Open(string folder)
    {
        folder = Normalize(folder);
        string file = JobFolder.FileOf(folder, SettingsFile);
        if (!File.Exists(file))
        {
            throw new ProvisioningException(
                "JobNotFound",
                $"There is no job in '{folder}' (no {SettingsFile}). "
                    + "Make one with New-ProvisioningJob, or list jobs with Get-ProvisioningJob."
            );
        }

        try
        {
            JobFolder.RefuseLinkedState(folder);
            _ = JobFolder.FileOf(folder, MappingName);
            JobSettings settings = Parse(WholeFile.Read(file, MostSettings));
            settings.Validate(file);
            return new ProvisioningJob(folder, settings);
        }
        catch (JsonException e)
        {
            throw new ProvisioningException(
                "JobSettingsInvalid",
                $"{file} cannot be read: {Explained(e)} Correct it, or make the job again with New-ProvisioningJob.",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, e);
        }
    }

    /// <summary>Writes changed settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="keepLinks">The target is another address of the same service, and the links stay. When false, another target is refused
    /// while the job has links.</param>
    /// <exception cref="ProvisioningException"><c>JobSettingsInvalid</c>, <c>JobHasLinks</c>; the file is unchanged then.</exception>
    public void Save(JobSettings settings, bool keepLinks = false)
    {
        settings.Validate(SettingsFile);
        if (!keepLinks && settings.Target != Settings.Target && ProvisioningStatus.Read(this).LinkedUsers is > 0 and var links)
        {
            throw new ProvisioningException(
                "JobHasLinks",
                $"The job '{Name}' has {links} links to users of {Settings.Target}. "
                    + $"The links are valid in {settings.Target} only when it is the same service. "
                    + "If it is, take the job along with Set-ProvisioningJob -Target. "
                    + "For another service, make a new job with New-ProvisioningJob."
            );
        }

        OnDisk(() => WholeFile.Write(SettingsPath, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(settings, JobSettings.Json))));
        Settings = settings;
    }

    /// <summary>Reads <c>mapping.json</c>.</summary>
    /// <exception cref="ProvisioningException"><c>MappingNotFound</c>; <c>MappingUnreadable</c>.</exception>
    /// <exception cref="MappingException">The file is not a synchronization schema.</exception>
    public SynchronizationSchema ReadMapping() =>
        File.Exists(Mapping.Path)
            ? Mapping.Read()
            : throw new ProvisioningException(
                "MappingNotFound",
                $"'{Mapping.Path}' is missing. Put the mapping back, or make the job again with New-ProvisioningJob."
            );

    /// <summary>Writes <c>mapping.json</c>. The next cycle is an initial one; links are kept.</summary>
    /// <exception cref="MappingException">The mapping would not work; the file is unchanged then.</exception>
    public void SaveMapping(SynchronizationSchema mapping) => Mapping.Save(mapping);

    /// <summary>Compiles a mapping and its scope against TravelPerk's attributes.</summary>
    /// <exception cref="MappingException">The mapping has a fault.</exception>
    public static void CheckMapping(SynchronizationSchema mapping) => MappingFile.Check(mapping);

    /// <summary>Deletes the job's files, and the job's folder when nothing else is in it.</summary>
    /// <exception cref="ProvisioningException"><c>JobBusy</c>: a cycle is under way. <c>JobUnwritable</c>.</exception>
    public void Delete() =>
        OnDisk(() =>
        {
            if (IsShared)
                RemoveSharedState();
            using (LockFolder())
            {
                // Files that a killed process left half written are deleted too.
                foreach (
                    string file in s_own.SelectMany(pattern => Directory.EnumerateFiles(Path, pattern)).Where(file => file != LockPath)
                )
                {
                    File.Delete(file);
                }
            }
            if (!Directory.EnumerateFileSystemEntries(Path).Any())
                Directory.Delete(Path);
        });

    // The mark stays: a worker of another machine, which still has the folder, must not begin with an empty state.
    private void RemoveSharedState()
    {
        using StateDatabase state = Store.Open();
        StateMark? mark = state.MarkWhenOpened;
        if (mark?.Kind != StateMarkKind.Removed)
            StateMark.Refuse(mark, state.Name);
        state.Fence();
        state.AsWriter(() =>
        {
            StateTable.Clear(state);
            state.RemoveSignIns();
            new StateMark(StateMarkKind.Removed, Path, TimeProvider.System.GetUtcNow(), Guid.NewGuid()).Write(state);
        });
    }

    /// <summary>The dialect of a target that the job's cycles learned; null when none is known.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public ScimDialect? ReadDialect(Uri target, DateTimeOffset now) => StateSnapshot.DialectOf(Store, target, now);

    /// <summary>Opens the job's directory file.</summary>
    /// <exception cref="ProvisioningException"><c>SourceNotFile</c>: the source is of another type, and the caller has to open
    /// it.</exception>
    /// <exception cref="SourceException"><c>SourcePathRefused</c>: job.json names a device, or a file on another machine.</exception>
    public IDirectorySource OpenFile()
    {
        if (Settings.Source.Path is { } given)
            Read.SourcePath.CheckStored(given);
        return SourcePath is { } file ? new FileSource(file) : throw NotFile();
    }

    private ProvisioningException NotFile() =>
        new("SourceNotFile", $"The source of the job '{Name}' is {Settings.Source.Type}, not a file.");

    /// <summary>Keeps other cycles and removals of this job away, in every process, until the lock is disposed of. Null where the state
    /// is in a shared database.</summary>
    /// <exception cref="ProvisioningException"><c>JobBusy</c>; <c>JobUnwritable</c>; <c>StateUnreadable</c>.</exception>
    internal IDisposable? AcquireLock()
    {
        // The lease in the database keeps others away, and the folder may be one that cannot be written.
        return IsShared ? null : LockFolder();
    }

    /// <summary>Keeps cycles with the folder's state, removals and moves away, in every process, until the lock is disposed of.</summary>
    /// <exception cref="ProvisioningException"><c>JobBusy</c>; <c>JobUnwritable</c>; <c>StateUnreadable</c>.</exception>
    internal IDisposable LockFolder()
    {
        string? holder = null;
        try
        {
            JobFolder.RefuseLinkedState(Path);
            WholeFile.MakePrivate(LockPath);
            return WholeFile.OpenPrivate(LockPath, FileMode.OpenOrCreate, FileShare.None, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (IsHeld(e))
        {
            try
            {
                using var state = JobState.OpenReadOnly(OwnFile);
                holder = state?.Holder;
            }
            catch (ProvisioningException)
            {
                // The error is that the job is busy. The holder's name only helps.
            }
            string place = holder is null ? "" : $", in {holder}";
            throw new ProvisioningException(
                "JobBusy",
                $"Another cycle of the job '{Name}' is under way{place}. Wait for it, or stop it.",
                e
            )
            {
                Failure = ProvisioningFailure.JobBusy,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw JobFolder.Unwritable(
                $"The cycle of the job '{Name}' did not begin, because it keeps its state in the job's folder.",
                Path,
                e
            );
        }
    }

    // Windows: sharing or lock violation. The others: EAGAIN of Linux and of macOS.
    private static bool IsHeld(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 35;

    /// <summary>The text by which other processes know this writer: process, machine, since when.</summary>
    internal static string HolderText(TimeProvider time) =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"process {Environment.ProcessId} on {Environment.MachineName} since {ShownTime.Text(time.GetUtcNow())}"
        );

    /// <summary>Forgets parts of the state (Graph synchronizationJob restart: criteria.resetScope). The next cycle is a full one, except
    /// after <see cref="JobReset.Escrows"/> or <see cref="JobReset.Quarantine"/> alone.</summary>
    /// <exception cref="ProvisioningException"><c>JobBusy</c>; <c>JobUnwritable</c>; <c>StateUnreadable</c>.</exception>
    public void Reset(JobReset what) =>
        WithState(state =>
        {
            // Only a read of the whole source finds users without a link again.
            if ((what & (JobReset.Watermark | JobReset.Links)) != 0)
                state.ForgetWatermark();
            if (what.HasFlag(JobReset.Escrows))
                state.MakeEscrowsDue();
            // Staged operations wait for their approval all the same.
            if (what.HasFlag(JobReset.Quarantine))
                Quarantine.Write(state, null);
            if (what.HasFlag(JobReset.Links))
                state.RemoveLinks();
        });

    /// <summary>Changes the state while no cycle runs.</summary>
    /// <exception cref="ProvisioningException"><c>JobBusy</c>; <c>JobUnwritable</c>; <c>StateUnreadable</c>.</exception>
    internal void WithState(Action<JobState> change, bool create = false)
    {
        using IDisposable? writer = AcquireLock();
        if (!create && !Store.Exists)
            return;
        using var state = JobState.Open(Store, HolderText(TimeProvider.System));
        state.InTransaction(() =>
        {
            change(state);
            state.SetNamed(JobState.HolderName, null);
        });
    }

    // The JSON reader's messages name types of the module, which an administrator does not know.
    private static string Explained(JsonException e)
    {
        string place = e.LineNumber is { } line ? FormattableString.Invariant($" (line {line + 1})") : "";
        string name = e.Path?.TrimStart('$').TrimStart('.') is { Length: > 0 } path ? $"'{path}'" : "a setting";
        return e.Message.Contains(".NET", StringComparison.Ordinal) ? $"{name} is no setting of a job{place}."
            : e.Message.Contains(nameof(TravelPerkScim), StringComparison.Ordinal)
            || e.Message.Contains("System.", StringComparison.Ordinal)
                ? $"the value of {name} is of another type than the setting{place}."
            : e.Message;
    }

    private static ProvisioningException Unreadable(string file, Exception e) =>
        new("JobUnreadable", $"'{file}' cannot be read: {e.Message} Check its permissions.", e);

    private static string Normalize(string folder) =>
        System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(WholeFile.Check(folder)));

    private static JobSettings Parse(byte[] content)
    {
        if (content.Length == 0)
            throw new JsonException("The file is empty, or is no file but a device, a pipe or a socket.");
        using var reader = new StreamReader(new MemoryStream(content), Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        string json = reader.ReadToEnd();
        DoubledNames.Refuse(
            Encoding.UTF8.GetBytes(json),
            new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
        );
        return JsonSerializer.Deserialize<JobSettings>(json, JobSettings.Json) ?? throw new JsonException("The file holds null.");
    }

    private void OnDisk(Action change)
    {
        try
        {
            change();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw JobFolder.Unwritable($"The files of the job '{Name}' were not written.", Path, e);
        }
    }
}
