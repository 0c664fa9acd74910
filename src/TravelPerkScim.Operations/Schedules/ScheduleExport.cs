using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TravelPerkScim.Operations.Schedules;

/// <summary>What a schedule can be written for.</summary>
public enum ScheduleTarget : long
{
    /// <summary>Units of systemd, for a machine that is set up from files.</summary>
    Systemd,

    /// <summary>Lines for a crontab.</summary>
    Cron,

    /// <summary>A task as XML, for schtasks /Create /XML.</summary>
    TaskScheduler,

    /// <summary>A runbook of Azure Automation, and a script that sets it up.</summary>
    AzureAutomation,

    /// <summary>A workflow of GitHub Actions that shows plan and drift every night.</summary>
    GitHubActions,

    /// <summary>A pipeline of Azure DevOps that shows plan and drift every night.</summary>
    AzureDevOps,

    /// <summary>A CronJob of Kubernetes.</summary>
    KubernetesCronJob,

    /// <summary>A Dockerfile and a compose file.</summary>
    Container,
}

/// <summary>Files that have a job run somewhere else.</summary>
public static partial class ScheduleExport
{
    // A line of a template with one of these marks alone. What follows is for one kind of job only, until the next mark.
    private const string SharedMark = "{{shared}}",
        OwnMark = "{{own}}",
        EndMark = "{{end}}";

    private static readonly JsonSerializerOptions s_text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The files, by their names.</summary>
    /// <param name="target">What they are for.</param>
    /// <param name="job">The job.</param>
    /// <param name="user">For the Task Scheduler: the account.</param>
    public static IReadOnlyDictionary<string, string> Files(ScheduleTarget target, ScheduledJob job, string user = "CONTOSO\\travelperk$")
    {
        ArgumentNullException.ThrowIfNull(job);
        return target switch
        {
            ScheduleTarget.Systemd => Of(
                ($"{job.Name}.service", SystemdTimer.Service(job, user: false)),
                ($"{job.Name}.timer", SystemdTimer.Timer(job))
            ),
            ScheduleTarget.Cron => Of(($"{job.Name}.crontab", string.Join('\n', Crontab.Lines(job)) + "\n")),
            ScheduleTarget.TaskScheduler => Of(
                ($"{job.Name}.xml", $"<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n{WindowsTask.Task(job, user)}\n")
            ),
            ScheduleTarget.AzureAutomation => Of(
                ("runbook.ps1", Template(job.IsShared ? "azure-automation-runbook-shared.ps1" : "azure-automation-runbook.ps1", job)),
                ("deploy.ps1", Template("azure-automation-deploy.ps1", job))
            ),
            ScheduleTarget.GitHubActions => Of(("travelperk-drift.yml", Template("github-actions.yml", job))),
            ScheduleTarget.AzureDevOps => Of(("azure-pipelines.yml", Template("azure-devops.yml", job))),
            ScheduleTarget.KubernetesCronJob => Of(("cronjob.yaml", Template("kubernetes-cronjob.yaml", job))),
            _ => Of(("Dockerfile", Template("Dockerfile", job)), ("compose.yaml", Template("compose.yaml", job))),
        };
    }

    private static Dictionary<string, string> Of(params (string Name, string Text)[] files) =>
        files.ToDictionary(file => file.Name, file => file.Text, StringComparer.Ordinal);

    private static string Template(string name, ScheduledJob job)
    {
        Assembly assembly = typeof(ScheduleExport).Assembly;
        using Stream stream = assembly.GetManifestResourceStream($"Schedules.{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        Dictionary<string, string> values = Values(job);
        return Place()
            .Replace(Chosen(reader.ReadToEnd().ReplaceLineEndings("\n"), job.IsShared), place => values[place.Groups["name"].Value]);
    }

    // Each value in the form of the place that it is put in: a name has letters, digits and hyphens only.
    private static Dictionary<string, string> Values(ScheduledJob job)
    {
        string part = Part(job);
        // A shared database knows a job by the name of its folder, to the letter.
        string folder = job.IsShared ? job.FolderName : part;
        return new(StringComparer.Ordinal)
        {
            ["name"] = Label(job),
            ["folderPart"] = part,
            ["folderName"] = Script(folder),
            ["jobInYaml"] = PipelineScript($"./{folder}"),
            ["jobInArguments"] = Text(Unexpanded($"/jobs/{folder}")),
            ["jobInPath"] = Text($"/jobs/{folder}"),
            ["sourceInCompose"] = Text(Unexpanded($"./{folder}")),
            ["imageInYaml"] = Text("travelperkscim:latest"),
            ["cronInYaml"] = Text(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(job.Every.TotalMinutes > 1 ? $"*/{job.Every.TotalMinutes:0}" : "*")} * * * *"
                )
            ),
            ["storageAccount"] = Script("contosotravelperk"),
            ["container"] = Script(part.ToLowerInvariant()),
            ["vault"] = Script("contoso-travelperk"),
            ["secret"] = Script("travelperk-api-key"),
            ["storeSecret"] = Script("travelperk-store"),
        };
    }

    /// <summary>A template without the lines that are for the other kind of job.</summary>
    private static string Chosen(string template, bool isShared)
    {
        var chosen = new List<string>();
        bool isFor = true;
        foreach (string line in template.Split('\n'))
        {
            if (line is SharedMark or OwnMark or EndMark)
            {
                isFor = line switch
                {
                    SharedMark => isShared,
                    OwnMark => !isShared,
                    _ => true,
                };
            }
            else if (isFor)
            {
                chosen.Add(line);
            }
        }
        return string.Join('\n', chosen);
    }

    // RFC 1123 label, as Kubernetes asks of names.
    private static string Label(ScheduledJob job) => new([.. job.Name.Replace('_', '-').ToLowerInvariant().Take(52)]);

    private static string Part(ScheduledJob job) =>
        Label(job)[ScheduledJob.Prefix.Length..].Split('-') is [.. var words, _] ? string.Join('-', words) : "job";

    [GeneratedRegex(@"\{\{(?<name>\w+)\}\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Place();

    // PowerShell takes the curved quotes for quotes too.
    private static string Script(string text) =>
        $"'{string.Concat(text.Select(c => c is '\'' or '\u2018' or '\u2019' or '\u201A' or '\u201B' ? $"{c}{c}" : $"{c}"))}'";

    // GitHub and Azure DevOps replace ${{ }} and $( ) in a script before PowerShell reads it.
    private static string PipelineScript(string text) => Script(text).Replace("$", "' + [char]36 + '", StringComparison.Ordinal);

    // Compose and the arguments of Kubernetes replace variables, and take $$ for $.
    private static string Unexpanded(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    private static string Text(string text) => JsonSerializer.Serialize(text, s_text);
}
