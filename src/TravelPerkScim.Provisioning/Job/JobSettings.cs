using System.Text.Json;
using System.Text.Json.Serialization;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>The content of <c>job.json</c>, which an admin reviews and keeps in git. It never holds a secret.</summary>
public sealed record JobSettings
{
    /// <summary>From so many disables and deletes on, the share counts.</summary>
    private const int LeastForShare = 6;

    /// <summary>The source of the accounts.</summary>
    public required JobSource Source { get; init; }

    /// <summary>The SCIM base URI that the job writes to. A connection to another URI is refused.</summary>
    public required Uri Target { get; init; }

    /// <summary>Disables and deletes allowed in one cycle. A cycle with more stages them all. Default 500, as in Entra ("Enable prevention
    /// of accidental deletions").</summary>
    public int DeleteThreshold { get; init; } = 500;

    /// <summary>Disables and deletes allowed in one cycle, as a share (0 to 1) of the linked users. The share counts from six operations
    /// on, so that two people can leave a small company. Default 0.25.</summary>
    public double DeleteThresholdShare { get; init; } = 0.25;

    /// <summary>When true, users who leave the scope are left alone instead of disabled (Entra's SkipOutOfScopeDeletions). Default
    /// false.</summary>
    public bool SkipOutOfScopeDeletions { get; init; }

    /// <summary>Groups are provisioned too, where the source lists them and the target has them. Default true.</summary>
    public bool ProvisionGroups { get; init; } = true;

    /// <summary>The most requests under way at once, 1 to 64. A job begins with 8, or with the number that it measured before, and sends
    /// more while the target answers as fast, and fewer while the target is overloaded. Default 64.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>Days that log entries are kept. Default 30.</summary>
    public int LogRetentionDays { get; init; } = 30;

    /// <summary>The key of the job's state in a database that several machines share. The key is unique in the database, and the worker's
    /// <c>--store</c> names the database. Null: the state is a file in the job's folder.</summary>
    public string? StateKey { get; init; }

    /// <summary>Provisioning status and interval. Null, as in files of earlier versions, for a job whose cycles run when they are asked
    /// for.</summary>
    public JobSchedule? Schedule { get; init; }

    /// <summary>The places of the job's secrets; null when a person or script connects before.</summary>
    public JobSecrets? Secrets { get; init; }

    /// <summary>The notifications that the job sends; null when it sends none.</summary>
    public JobNotifications? Notifications { get; init; }

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The limit that a cycle with so many disables and deletes exceeds. The number counts before the share.</summary>
    /// <param name="departures">Disables and deletes that wait for no approval of another cycle.</param>
    /// <param name="linked">Linked users and groups of the job.</param>
    public DeleteLimit LimitExceeded(int departures, long linked)
    {
        if (departures > DeleteThreshold)
            return DeleteLimit.Number;
        bool shareCounts = departures >= LeastForShare;
        return shareCounts && departures > DeleteThresholdShare * linked ? DeleteLimit.Share : DeleteLimit.None;
    }

    /// <summary>The cycle has more departures than it may carry out.</summary>
    internal bool IsOverThreshold(int departures, int linked) => LimitExceeded(departures, linked) != DeleteLimit.None;

    internal void Validate(string file)
    {
        Require(
            Source is { IsComplete: true },
            "source",
            "a type with what belongs to it: a path for File; a tenantId, and an application unless the scope is All, for Entra"
        );
        Require(Source.Path?.Contains('\0', StringComparison.Ordinal) != true, "source", "without a NUL character in its path");
        Require(Target is { IsAbsoluteUri: true }, "target", "an absolute URI");
        Require(
            Target.UserInfo.Length == 0 && Target.Query.Length == 0,
            "target",
            "a URI without user name, password or query; the credential is given to Connect-TravelPerk"
        );
        Require(DeleteThreshold >= 0, "deleteThreshold", "0 or more");
        Require(DeleteThresholdShare is >= 0 and <= 1, "deleteThresholdShare", "between 0 and 1");
        Require(Concurrency is >= 1 and <= 64, "concurrency", "between 1 and 64");
        Require(LogRetentionDays is >= 1 and <= 3650, "logRetentionDays", "between 1 and 3650");
        Require(
            StateKey is null
                || (StateKey.Length is >= 1 and <= 100 && StateKey.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')),
            "stateKey",
            "1 to 100 letters, digits, '-', '_' and '.'"
        );
        Schedule?.Validate(Require);
        Secrets?.Validate(Require);
        Notifications?.Validate(Require);

        void Require(bool ok, string name, string rule)
        {
            if (!ok)
            {
                throw new ProvisioningException(
                    "JobSettingsInvalid",
                    $"{file}: '{name}' must be {rule}. Correct the file, or use Set-ProvisioningJob."
                );
            }
        }
    }
}

/// <summary>The source of a job.</summary>
/// <param name="Type">The kind of the source.</param>
/// <param name="Path">For a file: its path, absolute or relative to the job's folder.</param>
/// <param name="TenantId">For Entra: the tenant, as a GUID or a domain name.</param>
/// <param name="Application">For Entra: object id of the enterprise application's service principal; may be null when everyone is in
/// scope.</param>
/// <param name="Scope">For Entra: the accounts that are entitled. Default: the assigned accounts.</param>
/// <param name="IncludeNestedGroups">For Entra: members of groups inside assigned groups are entitled too. Default false, as in Entra's own
/// service.</param>
public sealed record JobSource(
    JobSourceType Type,
    string? Path = null,
    string? TenantId = null,
    string? Application = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] EntitlementScope Scope = EntitlementScope.Assigned,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IncludeNestedGroups = false
)
{
    internal bool IsComplete =>
        Type switch
        {
            JobSourceType.File => Path is { Length: > 0 },
            JobSourceType.Entra => TenantId is { Length: > 0 } && (Scope == EntitlementScope.All || Application is { Length: > 0 }),
            _ => false,
        };
}

/// <summary>Kinds of source.</summary>
public enum JobSourceType
{
    /// <summary>A directory file: CSV, JSON or JSON Lines.</summary>
    File,

    /// <summary>Microsoft Entra ID, read through Microsoft Graph.</summary>
    Entra,
}

/// <summary>The accounts that are entitled (Entra: "Sync only assigned users and groups", "Sync all users and groups").</summary>
public enum EntitlementScope
{
    /// <summary>Users assigned to the enterprise application, directly or through a group.</summary>
    Assigned,

    /// <summary>Everyone in the tenant.</summary>
    All,
}
