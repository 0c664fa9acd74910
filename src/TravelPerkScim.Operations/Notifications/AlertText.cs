using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim.Client;
using static TravelPerkScim.Operations.Notifications.Words;

namespace TravelPerkScim.Operations.Notifications;

/// <summary>What is said of a condition: what happened, why, what to do. It is read on a phone, and names no user.</summary>
/// <param name="Title">One line.</param>
/// <param name="Text">Sentences.</param>
internal sealed record AlertText(string Title, string Text)
{
    private const int MostCodes = 5;

    public IReadOnlyList<NotificationFact> Facts { get; init; } = [];

    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <param name="telling">What is to be told.</param>
    /// <param name="facts">How the job stands.</param>
    public static AlertText Of(AlertTelling telling, JobFacts facts)
    {
        AlertText text = telling.Rule switch
        {
            NotificationRule.CycleFailing => CycleFailing(telling, facts),
            NotificationRule.Quarantine => InQuarantine(telling, facts),
            NotificationRule.DeletesStaged => DeletesStaged(telling, facts),
            NotificationRule.TakeoversStaged => TakeoversStaged(telling, facts),
            NotificationRule.EscrowGrowing => EscrowGrowing(telling, facts),
            NotificationRule.CredentialExpiring => CredentialExpiring(telling, facts),
            NotificationRule.SourceStale => SourceStale(telling, facts),
            NotificationRule.SourceIncomplete => SourceIncomplete(telling, facts),
            _ => NoCycle(telling, facts),
        };
        if (telling.QuietUntil is not { } quiet)
            return text;
        return text with
        {
            Title = $"{text.Title}; no more of this until {Time(quiet)}",
            Text =
                $"{text.Text} This is the third message of this kind within 24 hours, because the condition begins and ends "
                + $"again and again. No more messages of this kind are sent until {Time(quiet)}; "
                + "Get-ProvisioningStatus shows how the job stands.",
        };
    }

    private static AlertText CycleFailing(AlertTelling telling, JobFacts facts)
    {
        string job = facts.Job.Name;
        CycleSummary? last = facts.Ended.Count > 0 ? facts.Ended[0] : null;
        if (telling.Change == NotificationChange.Over)
        {
            return new AlertText(
                $"{job}: cycles reach their end again",
                $"The last cycle of the job '{job}' reached its end. "
                    + $"The cycles before it failed for {Span(facts.Now - telling.Since)}. There is nothing to do."
            )
            {
                Commands = [Status(facts)],
            };
        }
        string title =
            telling.Change == NotificationChange.Begun
                ? $"{job}: {Count(facts.FailedInARow, "cycle")} in a row failed"
                : $"{job}: cycles still fail, {facts.FailedInARow} in a row";
        return new AlertText(
            title,
            $"The last {Count(facts.FailedInARow, "cycle")} of the job '{job}' failed, so changes in the source do not reach "
                + $"TravelPerk. The last one said: {Reason(last?.Message)} The next cycle tries again; if the cause stays, correct it."
        )
        {
            Facts =
            [
                .. Since(telling),
                .. At("Last cycle", last?.Began),
                .. At("Last success", facts.Ended.FirstOrDefault(cycle => cycle.State != CycleState.Failed)?.Began),
            ],
            Commands = Connected(facts, Status(facts), Command(facts.Job, "Invoke-Provisioning")),
        };
    }

    private static AlertText InQuarantine(AlertTelling telling, JobFacts facts)
    {
        string job = facts.Job.Name;
        if (telling.Change == NotificationChange.Over)
        {
            return new AlertText(
                $"{job}: the quarantine is over",
                $"The job '{job}' is out of quarantine after {Span(facts.Now - telling.Since)}: "
                    + $"a cycle succeeded, or the job was reset. Cycles run as usual. There is nothing to do."
            )
            {
                Commands = [Status(facts)],
            };
        }
        Quarantine quarantine = facts.Status.Quarantine!;
        string why = quarantine.Reason switch
        {
            QuarantineReason.EncounteredEscrowProportionThreshold => "too many entries fail",
            QuarantineReason.EncounteredTotalEscrowThreshold => "more than 60,000 entries fail",
            _ => "cycles cannot get through",
        };
        if (quarantine.Disabled)
        {
            return new AlertText(
                $"{job}: disabled after {Quarantine.Limit.TotalDays:0} days in quarantine",
                $"The job '{job}' was in quarantine for {Quarantine.Limit.TotalDays:0} days because {why}, and no cycle "
                    + $"runs any more. The last one said: {Reason(quarantine.Message)} Remove the cause, then reset the job."
            )
            {
                Facts = [.. Since(telling)],
                Commands = [Status(facts), Command(facts.Job, "Reset-ProvisioningJob", "-Scope Quarantine")],
            };
        }
        string title = $"{job}: {(telling.Change == NotificationChange.Begun ? "in quarantine" : "still in quarantine")}, {why}";
        return new AlertText(
            title,
            $"The job '{job}' is in quarantine because {why}: {Reason(quarantine.Message)} "
                + $"Scheduled cycles wait until {Time(quarantine.NextAttempt)}. "
                + $"When the cause is removed, Invoke-Provisioning tries at once; a cycle that succeeds ends the quarantine."
        )
        {
            Facts =
            [
                .. Since(telling),
                new("Reason", quarantine.Reason.ToString()),
                new("Next attempt", Time(quarantine.NextAttempt)),
                .. KeyPlace(facts),
            ],
            Commands = Connected(facts, Status(facts), Command(facts.Job, "Invoke-Provisioning")),
        };
    }

    private static AlertText DeletesStaged(AlertTelling telling, JobFacts facts)
    {
        string job = facts.Job.Name;
        if (telling.Change == NotificationChange.Over)
        {
            return new AlertText(
                $"{job}: no disables or deletes wait any more",
                $"Nothing of what was staged in the job '{job}' waits any more: "
                    + $"it was approved, or is no longer due. There is nothing to do."
            )
            {
                Commands = [Status(facts)],
            };
        }
        StagedCycle[] cycles = [.. facts.Status.Staged.Where(cycle => cycle.Disables + cycle.Deletes + cycle.Groups > 0)];
        string counts = Counts(
            "nothing",
            (cycles.Sum(cycle => cycle.Disables), "disable", "disables"),
            (cycles.Sum(cycle => cycle.Deletes), "delete", "deletes"),
            (cycles.Sum(cycle => cycle.Groups), "group change", "group changes")
        );
        string why = WhyStaged(facts, cycles);
        return new AlertText(
            $"{job}: {counts} {(telling.Change == NotificationChange.Begun ? "wait" : "still wait")} for approval",
            $"The job '{job}' holds back {counts}, because {why}. None of them was applied; everything else goes on. "
                + $"If these people really left, approve. If not, look at the source first: waiting loses nothing."
        )
        {
            Facts = [.. Since(telling), .. cycles.Select(Staged)],
            Commands = Approvals(facts, cycles),
        };
    }

    // The limits of today may allow an operation that was staged before other users left.
    private static string WhyStaged(JobFacts facts, StagedCycle[] cycles)
    {
        JobSettings settings = facts.Job.Settings;
        int most = cycles.Max(cycle => cycle.Disables + cycle.Deletes);
        long users = facts.Status.EnabledUsers;
        long linked = users + facts.Status.LinkedGroups;
        double share = settings.DeleteThresholdShare * 100;
        string they = most == 1 ? "1 disable or delete is" : $"{most} disables and deletes are";
        if (most >= users && users > 0)
            return $"they would leave no user in scope of the {Count(users, "enabled user")}";
        return settings.LimitExceeded(most, linked) switch
        {
            DeleteLimit.Number => $"{they} more than the {settings.DeleteThreshold} that the job allows in a cycle",
            DeleteLimit.Share => FormattableString.Invariant(
                $"{they} more than {share:0.#} % of the {linked} enabled users and linked groups, the job's limit for a cycle"
            ),
            _ => $"a cycle had more than the job allows ({Limit(settings)}), and they wait for its approval",
        };
    }

    private static AlertText TakeoversStaged(AlertTelling telling, JobFacts facts)
    {
        string job = facts.Job.Name;
        if (telling.Change == NotificationChange.Over)
        {
            return new AlertText(
                $"{job}: no takeovers wait any more",
                $"No TravelPerk user of the job '{job}' waits to go over to another account any more: "
                    + $"it was approved, or is no longer due. There is nothing to do."
            )
            {
                Commands = [Status(facts)],
            };
        }
        StagedCycle[] cycles = [.. facts.Status.Staged.Where(cycle => cycle.Takeovers > 0)];
        int count = cycles.Sum(cycle => cycle.Takeovers);
        return new AlertText(
            $"{job}: {Count(count, "takeover")} "
                + $"{(telling.Change == NotificationChange.Begun ? "" : "still ")}{(count == 1 ? "waits" : "wait")} for approval",
            $"In the job '{job}', {Count(count, "TravelPerk user")} would go over to an account with another given "
                + $"or family name. None of them was changed. If it is the same person with a new account, approve. "
                + $"If not, correct the matching attribute in the source: with the TravelPerk user go its trips and cards."
        )
        {
            Facts = [.. Since(telling), .. cycles.Select(Staged)],
            Commands = Approvals(facts, cycles),
        };
    }

    private static AlertText EscrowGrowing(AlertTelling telling, JobFacts facts)
    {
        string job = facts.Job.Name;
        ProvisioningStatus status = facts.Status;
        if (telling.Change == NotificationChange.Over)
        {
            return new AlertText(
                $"{job}: {Counts("no entries", (status.Escrowed, "entry", "entries"))} in escrow",
                $"In the job '{job}', {Counts("no entry", (status.Escrowed, "entry", "entries"))} "
                    + $"{(status.Escrowed == 1 ? "waits" : "wait")} in escrow, which is as usual again. There is nothing to do."
            )
            {
                Commands = [Status(facts)],
            };
        }
        IEnumerable<NotificationFact> codes = status
            .Escrows.GroupBy(entry => entry.ErrorCode ?? "error no longer in the log", StringComparer.Ordinal)
            .OrderByDescending(code => code.Count())
            .ThenBy(code => code.Key, StringComparer.Ordinal)
            .Take(MostCodes)
            .Select(code => new NotificationFact(code.Key, Count(code.Count(), "entry", "entries")));
        return new AlertText(
            $"{job}: {Count(status.Escrowed, "entry", "entries")} "
                + $"{(telling.Change == NotificationChange.Begun ? "wait" : "still wait")} in escrow",
            $"In the job '{job}', {Count(status.Escrowed, "user or group", "users and groups")} failed and wait for another "
                + $"attempt; up to {facts.EscrowLimit} are not told of. Everyone else is in step. "
                + $"Each is tried again with growing pauses, and at once when its source entry changes. "
                + $"Look at the reasons, and correct the source or the mapping."
        )
        {
            Facts = [.. Since(telling), new("Linked users", Count(status.LinkedUsers, "user")), .. codes],
            Commands =
            [
                $"({Command(facts.Job, "Get-ProvisioningStatus")}).Escrows",
                Command(facts.Job, "Get-ProvisioningLog", "-Status Failure"),
            ],
        };
    }

    private static AlertText CredentialExpiring(AlertTelling telling, JobFacts facts)
    {
        string job = facts.Job.Name;
        (string _, DateOnly day, SecretPlace? place) = facts.Expiring.FirstOrDefault(secret => secret.Subject == telling.Subject);
        if (telling.Change == NotificationChange.Over)
        {
            string good = place is null ? "no longer has a day on which it runs out" : $"runs out on {Day(day)} now";
            return new AlertText(
                $"{job}: the {telling.Subject} was renewed",
                $"By the settings of the job '{job}', the {telling.Subject} {good}. There is nothing to do."
            );
        }
        int left = facts.DaysUntil(day);
        string when = left == 0 ? "has run out" : $"runs out in {Count(left, "day")}";
        return new AlertText(
            $"{job}: the {telling.Subject} {when}",
            $"By the settings of the job '{job}', the {telling.Subject} "
                + $"{(left == 0 ? $"ran out on {Day(day)}" : $"runs out on {Day(day)}")}. After that day cycles or messages fail. "
                + $"Make a new one, put it in its place ({place}), and set its day in the job."
        )
        {
            Facts = [new("Runs out", Day(day)), new("Place", $"{place}")],
            Commands = Renewals(facts, telling.Subject),
        };
    }

    private static AlertText SourceStale(AlertTelling telling, JobFacts facts)
    {
        string job = facts.Job.Name;
        string written = facts.Status.SourceWritten is { } at ? Time(at) : "an unknown time";
        return telling.Change == NotificationChange.Over
            ? new AlertText(
                $"{job}: the source file is new again",
                $"The source file of the job '{job}' was written at {written}. There is nothing to do."
            )
            {
                Commands = [Status(facts)],
            }
            : new AlertText(
                $"{job}: the source file was not written since {written}",
                $"The job '{job}' runs and sees nothing new: its source file '{facts.Job.SourcePath}' was last written at {written}. "
                    + "Users who left since then keep their access to TravelPerk. "
                    + "Look at what exports the file. If a person writes it by hand, give the job another limit."
            )
            {
                Facts = [new("File", facts.Job.SourcePath ?? ""), new("Last written", written)],
                Commands = [Command(facts.Job, "Set-ProvisioningNotification", "-SourceStaleAfter 31.00:00:00"), Status(facts)],
            };
    }

    // The cycle's message may name a person.
    private static AlertText SourceIncomplete(AlertTelling telling, JobFacts facts)
    {
        string job = facts.Job.Name;
        return telling.Change == NotificationChange.Over
            ? new AlertText(
                $"{job}: the source is read whole again",
                $"The last cycle of the job '{job}' read its source whole. There is nothing to do."
            )
            {
                Commands = [Status(facts)],
            }
            : new AlertText(
                $"{job}: the source cannot be read whole",
                $"The last {facts.IncompleteInARow} cycles of the job '{job}' could not read some entries of the source, or not its end. "
                    + "Nothing is known of the people in them: newcomers are not created, and leavers may keep access to TravelPerk. "
                    + "The status says which entry it is. Correct the source, or what exports it."
            )
            {
                Commands = [Command(facts.Job, "Get-ProvisioningPlan", "-Initial"), Status(facts)],
            };
    }

    private static AlertText NoCycle(AlertTelling telling, JobFacts facts)
    {
        string job = facts.Job.Name;
        DateTimeOffset? last = facts.Cycles.Count > 0 ? facts.Cycles[0].Began : null;
        if (telling.Change == NotificationChange.Over)
        {
            return new AlertText(
                $"{job}: cycles begin again",
                $"A cycle of the job '{job}' began{(last is { } at ? $" at {Time(at)}" : "")}. There is nothing to do."
            )
            {
                Commands = [Status(facts)],
            };
        }
        string none = last is { } began ? $"no cycle since {Time(began)}" : "no cycle yet";
        return new AlertText(
            $"{job}: {(telling.Change == NotificationChange.Begun ? none : $"still {none}")}",
            $"The job '{job}' is On, and no cycle began for three intervals of {Span(facts.Status.Schedule!.Interval)}. "
                + (
                    facts.Status.RunFailure is { } failure
                        ? $"The last run, at {Time(failure.Time)}, ended before its cycle began: {Reason(failure.Message)}"
                        : "Something keeps its scheduled runs from beginning a cycle: "
                            + "the scheduler, a secret that is not found, a folder that cannot be written. "
                            + "Run it by hand in a new session to see the error: a session that is connected already does not meet it."
                )
        )
        {
            Facts = [.. Since(telling), .. At("Last cycle", last), .. At("Runs fail since", facts.Status.RunFailure?.Since)],
            Commands = [Command(facts.Job, "Invoke-Provisioning", "-Scheduled -PassThru"), Status(facts)],
        };
    }

    private static string Status(JobFacts facts) => Command(facts.Job, "Get-ProvisioningStatus");

    private static string[] Approvals(JobFacts facts, StagedCycle[] cycles) =>
        Connected(
            facts,
            [
                Command(facts.Job, "Get-ProvisioningPlan", "| Where-Object Staged"),
                .. cycles.Select(cycle => Command(facts.Job, "Invoke-Provisioning", $"-ApproveCycle {cycle.CycleId}")),
            ]
        );

    // A reader's session is a new one. Without a place of the key, only the reader knows how to connect.
    private static string[] Connected(JobFacts facts, params string[] commands) =>
        facts.Job.Settings.Secrets?.TravelPerk is null
            ? commands
            :
            [
                Command(
                    facts.Job,
                    "Connect-TravelPerk -Job",
                    TravelPerkHosts.IsTravelPerk(facts.Job.Target) ? null : $"-BaseUri {facts.Job.Target}"
                ),
                .. commands,
            ];

    private static NotificationFact[] KeyPlace(JobFacts facts) =>
        facts.Job.Settings.Secrets?.TravelPerk is { } place ? [new("API key", place.ToString())] : [];

    private static NotificationFact Staged(StagedCycle cycle) =>
        new(
            $"Cycle {cycle.CycleId}",
            Counts(
                "nothing",
                (cycle.Disables, "disable", "disables"),
                (cycle.Deletes, "delete", "deletes"),
                (cycle.Groups, "group change", "group changes"),
                (cycle.Takeovers, "takeover", "takeovers")
            )
        );

    private static string Limit(JobSettings settings) =>
        FormattableString.Invariant($"{settings.DeleteThreshold}, or {settings.DeleteThresholdShare * 100:0.#} % of the linked users");

    private static string[] Renewals(JobFacts facts, string subject) =>
        subject.Contains("channel", StringComparison.Ordinal)
            ? []
            :
            [
                Command(
                    facts.Job,
                    "Set-ProvisioningJob",
                    $"{(subject.Contains("Entra", StringComparison.Ordinal) ? "-SecretOf Entra " : "")}-SecretExpires yyyy-MM-dd"
                ),
            ];

    private static IEnumerable<NotificationFact> Since(AlertTelling telling) =>
        telling.Change == NotificationChange.Begun ? [] : At("Since", telling.Since);

    private static IEnumerable<NotificationFact> At(string name, DateTimeOffset? time) => time is { } at ? [new(name, Time(at))] : [];
}
