using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Schedules;

/// <summary>What a scheduler is to run, and how often.</summary>
/// <param name="Folder">The job's folder, absolute.</param>
/// <param name="Interval">The interval of the job's cycles.</param>
/// <param name="PowerShell">The pwsh program, absolute.</param>
/// <param name="Script">The module's script for scheduled runs, absolute.</param>
/// <param name="Credential">A file that holds the API key, for schedulers that hand it on (systemd: LoadCredential); null for none.</param>
public sealed record ScheduledJob(string Folder, TimeSpan Interval, string PowerShell, string Script, string? Credential = null)
{
    /// <summary>The parameter of the script that names <see cref="Folder"/>.</summary>
    internal const string JobOption = "-Job";

    /// <summary>The parameter of the script that names <see cref="Store"/>.</summary>
    internal const string StoreOption = "-StoreFile";

    /// <summary>The parameter of the script that names <see cref="AllowedTarget"/>.</summary>
    internal const string AllowTarget = "-AllowTarget";

    /// <summary>For a job whose state is shared: the file with the connection string of the database, absolute; null for none. job.json
    /// never names the database.</summary>
    public string? Store { get; init; }

    /// <summary>The job's state is in a shared database: the files for a place without a disk that stays have to name the database
    /// too.</summary>
    public bool IsShared { get; init; }

    /// <summary>A SCIM address beside TravelPerk's own to which the job's key may be sent; null for none. It stands in the scheduler's
    /// command line, which the account of the schedule wrote: job.json may come from another person.</summary>
    public Uri? AllowedTarget { get; init; }

    /// <summary>The address of <see cref="AllowedTarget"/> in a scheduler's text; null for none.</summary>
    internal static Uri? TargetIn(string? text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? target) ? target : null;

    /// <summary>The prefix of every name that is given to a scheduler.</summary>
    public const string Prefix = "travelperkscim-";

    // A run that is not due ends at once. This many minutes divide the hour, as cron needs it.
    private static readonly int[] s_steps = [10, 6, 5, 4, 3, 2, 1];

    /// <summary>A name that the folder alone has: its last part, and a hash of the whole.</summary>
    public string Name => NameOf(Folder);

    /// <summary>The last part of <see cref="Folder"/>, as it is.</summary>
    public string FolderName => LastOf(Folder);

    /// <summary>How often the scheduler runs the script: every ten minutes, or more often for a shorter interval.</summary>
    public TimeSpan Every => TimeSpan.FromMinutes(s_steps.First(step => step == 1 || TimeSpan.FromMinutes(step) <= Interval));

    /// <summary>The words after the program, none of them quoted.</summary>
    public IReadOnlyList<string> Arguments =>
        [
            "-NoProfile",
            "-NonInteractive",
            "-File",
            Script,
            JobOption,
            Folder,
            .. Store is { } store ? [StoreOption, store] : Array.Empty<string>(),
            .. AllowedTarget is { } target ? [AllowTarget, target.AbsoluteUri] : Array.Empty<string>(),
        ];

    /// <summary>A line of a unit or a crontab holds no line break.</summary>
    /// <exception cref="ProvisioningException"><c>SchedulePathRefused</c>.</exception>
    public void Check()
    {
        if (new[] { Folder, PowerShell, Script, Credential, Store }.FirstOrDefault(path => path?.Any(char.IsControl) == true) is { } path)
        {
            throw new ProvisioningException(
                "SchedulePathRefused",
                $"The path '{ShownText.Of(path)}' has a line break or another control "
                    + $"character in it, which no schedule can hold. Rename the folder."
            );
        }
    }

    /// <inheritdoc cref="Name"/>
    public static string NameOf(string folder)
    {
        string shown = new([.. LastOf(folder).Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_').Take(40)]);
        string hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..8].ToLower(CultureInfo.InvariantCulture);
        return $"{Prefix}{(shown.Length == 0 ? "job" : shown)}-{hash}";
    }

    private static string LastOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
}
