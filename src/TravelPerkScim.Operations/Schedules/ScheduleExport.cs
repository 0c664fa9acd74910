using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

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
public static class ScheduleExport
{
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
                ("runbook.ps1", Template("azure-automation-runbook.ps1", job)),
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
        string part = Part(job);
        // Each value in the form of the place that it is put in: a name has letters, digits and hyphens only.
        return reader
            .ReadToEnd()
            .ReplaceLineEndings("\n")
            .Replace("{{name}}", Label(job), StringComparison.Ordinal)
            .Replace("{{folderPart}}", part, StringComparison.Ordinal)
            .Replace("{{folderName}}", Script(part), StringComparison.Ordinal)
            .Replace("{{jobInYaml}}", Script("./" + part), StringComparison.Ordinal)
            .Replace("{{imageInYaml}}", Text("travelperkscim:latest"), StringComparison.Ordinal)
            .Replace(
                "{{cronInYaml}}",
                Text(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{(job.Every.TotalMinutes > 1 ? $"*/{job.Every.TotalMinutes:0}" : "*")} * * * *"
                    )
                ),
                StringComparison.Ordinal
            )
            .Replace("{{storageAccount}}", Script("contosotravelperk"), StringComparison.Ordinal)
            .Replace("{{container}}", Script(part.ToLowerInvariant()), StringComparison.Ordinal)
            .Replace("{{vault}}", Script("contoso-travelperk"), StringComparison.Ordinal)
            .Replace("{{secret}}", Script("travelperk-api-key"), StringComparison.Ordinal);
    }

    // RFC 1123 label, as Kubernetes asks of names.
    private static string Label(ScheduledJob job) => new([.. job.Name.Replace('_', '-').ToLowerInvariant().Take(52)]);

    private static string Part(ScheduledJob job) =>
        Label(job)[ScheduledJob.Prefix.Length..].Split('-') is [.. var words, _] ? string.Join('-', words) : "job";

    private static string Script(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Text(string text) => JsonSerializer.Serialize(text, s_text);
}
