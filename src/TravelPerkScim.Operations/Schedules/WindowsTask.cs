using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Schedules;

/// <summary>Tasks of the Windows Task Scheduler, in the folder \TravelPerkScim, registered as XML (Task Scheduler schema 1.2).</summary>
/// <param name="program">The program that changes tasks.</param>
/// <param name="user">The account that the task runs as; a group managed service account ends with $.</param>
public sealed partial class WindowsTask(string program = "schtasks.exe", string? user = null) : IScheduler
{
    private const string Folder = @"\TravelPerkScim\";

    private static readonly XNamespace s_task = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    /// <inheritdoc/>
    public SchedulerKind Kind => SchedulerKind.TaskScheduler;

    /// <summary>The task of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="user">The account that it runs as.</param>
    public static XDocument Task(ScheduledJob job, string user)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(user);
        // A group managed service account signs in with a password that Windows knows; S4U stores none, and reaches no share of the
        // network.
        string logon = user.EndsWith('$') ? "Password" : "S4U";
        return new XDocument(
            new XElement(
                s_task + "Task",
                new XAttribute("version", "1.2"),
                new XElement(
                    s_task + "RegistrationInfo",
                    new XElement(s_task + "Author", "TravelPerkScim"),
                    new XElement(s_task + "Source", job.Script),
                    new XElement(s_task + "Description", $"Runs a cycle of the job '{job.Folder}' when it is due."),
                    new XElement(s_task + "Documentation", job.Folder)
                ),
                new XElement(
                    s_task + "Triggers",
                    new XElement(
                        s_task + "TimeTrigger",
                        new XElement(s_task + "Repetition", new XElement(s_task + "Interval", XmlConvert.ToString(job.Every))),
                        new XElement(s_task + "StartBoundary", "2026-01-01T00:00:00"),
                        new XElement(s_task + "Enabled", "true")
                    )
                ),
                new XElement(
                    s_task + "Principals",
                    new XElement(
                        s_task + "Principal",
                        new XAttribute("id", "Author"),
                        new XElement(s_task + "UserId", user),
                        new XElement(s_task + "LogonType", logon),
                        new XElement(s_task + "RunLevel", "LeastPrivilege")
                    )
                ),
                new XElement(
                    s_task + "Settings",
                    // A run that is still at work is not joined by another.
                    new XElement(s_task + "MultipleInstancesPolicy", "IgnoreNew"),
                    new XElement(s_task + "DisallowStartIfOnBatteries", "false"),
                    new XElement(s_task + "StopIfGoingOnBatteries", "false"),
                    new XElement(s_task + "StartWhenAvailable", "true"),
                    new XElement(s_task + "RunOnlyIfNetworkAvailable", "true"),
                    // No limit: a first cycle of a large company takes its time.
                    new XElement(s_task + "ExecutionTimeLimit", "PT0S"),
                    new XElement(s_task + "Enabled", "true")
                ),
                new XElement(
                    s_task + "Actions",
                    new XAttribute("Context", "Author"),
                    new XElement(
                        s_task + "Exec",
                        new XElement(s_task + "Command", job.PowerShell),
                        new XElement(s_task + "Arguments", string.Join(' ', job.Arguments.Select(Quoted))),
                        new XElement(s_task + "WorkingDirectory", job.Folder)
                    )
                )
            )
        );
    }

    /// <inheritdoc/>
    public async Task RegisterAsync(ScheduledJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        string file = Path.GetTempFileName();
        try
        {
            // schtasks reads UTF-16.
            await File.WriteAllTextAsync(
                    file,
                    $"<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n{Task(job, user ?? Here)}",
                    Encoding.Unicode,
                    cancellationToken
                )
                .ConfigureAwait(false);
            await SystemCommand
                .RunAsync(program, ["/Create", "/F", "/TN", Folder + job.Name, "/XML", file], cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ProvisioningSchedule>> ListAsync(CancellationToken cancellationToken)
    {
        (int code, string names, _) = await SystemCommand
            .TryAsync(program, ["/Query", "/FO", "CSV", "/NH", "/TN", Folder], cancellationToken)
            .ConfigureAwait(false);
        var found = new List<ProvisioningSchedule>();
        // There is no such folder before the first task.
        if (code != 0)
            return found;
        string[] ours = [.. names.Split('\n').Select(line => line.Split(',')[0].Trim().Trim('"')).Distinct()];
        foreach (string name in ours.Where(name => name.StartsWith(Folder + ScheduledJob.Prefix, StringComparison.OrdinalIgnoreCase)))
        {
            string xml = await SystemCommand.RunAsync(program, ["/Query", "/XML", "/TN", name], cancellationToken).ConfigureAwait(false);
            if (Read(name[Folder.Length..], xml) is { } schedule)
                found.Add(schedule);
        }
        return found;
    }

    /// <inheritdoc/>
    public async Task UnregisterAsync(ProvisioningSchedule schedule, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        await SystemCommand.RunAsync(program, ["/Delete", "/F", "/TN", Folder + schedule.Name], cancellationToken).ConfigureAwait(false);
    }

    private static string Here =>
        OperatingSystem.IsWindows() ? $@"{Environment.UserDomainName}\{Environment.UserName}" : Environment.UserName;

    private ProvisioningSchedule? Read(string name, string xml)
    {
        try
        {
            XElement task = XDocument.Parse(xml[Math.Max(0, xml.IndexOf("<Task", StringComparison.Ordinal))..]).Root!;
            string? job = task.Descendants(s_task + "Documentation").FirstOrDefault()?.Value;
            string? interval = task.Descendants(s_task + "Interval").FirstOrDefault()?.Value;
            if (job is null || interval is null)
                return null;
            bool off = task.Element(s_task + "Settings")?.Element(s_task + "Enabled")?.Value == "false";
            string arguments = task.Descendants(s_task + "Arguments").FirstOrDefault()?.Value ?? "";
            string? broken = ScheduleFault.Of(job, task.Descendants(s_task + "Source").FirstOrDefault()?.Value ?? "");
            return new ProvisioningSchedule
            {
                Name = name,
                Kind = Kind,
                Job = job,
                Store = StoreOf(arguments, job),
                AllowedTarget = TargetOf(arguments),
                Every = XmlConvert.ToTimeSpan(interval),
                State =
                    broken is not null ? ScheduleState.Broken
                    : off ? ScheduleState.Inactive
                    : ScheduleState.Active,
                Message = broken,
            };
        }
        catch (Exception e) when (e is XmlException or FormatException)
        {
            throw new ProvisioningException(
                "SchedulerFailed",
                $"The task '{Scim.ShownText.Of(name)}' cannot be read: {e.Message} Look at it in the Task Scheduler.",
                e
            );
        }
    }

    // The option stands behind the job's folder, which may be called like the option. A path of Windows has no quotation mark.
    private static string? StoreOf(string arguments, string job)
    {
        string before = $"{ScheduledJob.JobOption} {Quoted(job)} {ScheduledJob.StoreOption} ";
        int at = arguments.IndexOf(before, StringComparison.Ordinal);
        return at < 0 ? null : StorePath().Match(arguments, at + before.Length).Groups["path"].Value;
    }

    [GeneratedRegex("""\G(?:"(?<path>[^"]+)"|(?<path>[^" ]+))""")]
    private static partial Regex StorePath();

    // An address has no blank and no quotation mark in it, so its words stand as they are.
    private static Uri? TargetOf(string arguments) =>
        ScheduledJob.TargetIn(arguments.Split(' ') is [.., ScheduledJob.AllowTarget, var last] ? last : null);

    // The rules by which programs of Windows take their command line apart.
    private static string Quoted(string text)
    {
        if (text.Length > 0 && !text.AsSpan().ContainsAny(' ', '\t', '"'))
            return text;
        var quoted = new StringBuilder("\"");
        int backslashes = 0;
        foreach (char c in text)
        {
            if (c == '"')
                quoted.Append('\\', backslashes + 1);
            backslashes = c == '\\' ? backslashes + 1 : 0;
            quoted.Append(c);
        }
        return quoted.Append('\\', backslashes).Append('"').ToString();
    }
}
