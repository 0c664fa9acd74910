using System.Text;
using System.Text.RegularExpressions;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;

namespace TravelPerkScim.Provisioning.Tests;

/// <summary>A plan, or the outcomes of a cycle, as text. A test compares the text with the text that it expects.</summary>
/// <remarks>
/// An operation is a line with action, identity, ids, drift and state. Below the line stand the reason, the problem, the note and a line
/// for each change; a new user's values share a line. The operations of a plan keep their order. Outcomes come in the order of requests,
/// which differs from run to run, so they are sorted by identity.
/// </remarks>
/// <param name="sourceName">A short name for an anchor.</param>
/// <param name="targetName">A name for an id in TravelPerk, because ids follow the order of requests; null for an unknown id.</param>
internal sealed partial class PlanText(Func<string, string> sourceName, Func<string, string?> targetName)
{
    // A golden text stands indented in a test whose lines end at 140 columns.
    private const int Columns = 120;

    private readonly StringBuilder _text = new();

    public string Of(ProvisioningPlan plan)
    {
        AppendAll("", plan.Operations);
        AppendAll("Skipped:", plan.Skipped);
        if (plan.Warnings.Count > 0)
            Append(0, "Warnings:");
        foreach (string warning in plan.Warnings)
            Append(1, warning);
        return Take();
    }

    public string Of(IEnumerable<ProvisioningOperation> operations)
    {
        AppendAll("", [.. operations]);
        return Take();
    }

    public string Of(IEnumerable<ProvisioningOutcome> outcomes)
    {
        foreach (
            ProvisioningOutcome outcome in outcomes
                .OrderBy(o => o.Identity, StringComparer.Ordinal)
                .ThenBy(o => o.SourceId, StringComparer.Ordinal)
                .ThenBy(o => o.Action)
        )
        {
            Append(0, $"{outcome.Status} {outcome.Action} {Who(outcome.Identity, outcome.SourceId, outcome.TargetId)}", outcome.Drift);
            Append(1, outcome.ErrorCode is { } code ? $"{code}: {outcome.Reason}" : outcome.Reason);
            AppendNote(outcome.Note, 1);
            AppendChanges(outcome.Action, outcome.ModifiedProperties, 1);
        }
        return Take();
    }

    /// <summary>Fails with both texts where they differ. In the expected text a line may be continued in the next line, which is indented
    /// by two more columns.</summary>
    public static void AssertEqual(string expected, string actual)
    {
        string[] wanted = Continuation().Replace(expected.ReplaceLineEndings("\n"), " ").Split('\n');
        string[] lines = actual.Split('\n');
        if (wanted.SequenceEqual(lines))
            return;
        int first = wanted.Zip(lines).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.Fail($"The texts differ where > stands.\n\nExpected:\n{Shown(wanted, first)}\n\nActual:\n{Shown(lines, first)}\n");
    }

    [GeneratedRegex("\n(?:    )*  (?! )")]
    private static partial Regex Continuation();

    private static string Shown(string[] lines, int marked) =>
        string.Join('\n', lines.SelectMany((line, index) => Wrapped(line).Select(part => $"{(index == marked ? '>' : ' ')} {part}")));

    /// <summary>The line in parts that fit into a test.</summary>
    private static IEnumerable<string> Wrapped(string line)
    {
        string indent = new(' ', line.Length - line.TrimStart(' ').Length);
        line = line[indent.Length..];
        string continued = indent + "  ";
        while (line.Length > Columns - indent.Length && line.LastIndexOf(' ', Columns - indent.Length) is var space and > 0)
        {
            yield return indent + line[..space];
            line = line[(space + 1)..];
            indent = continued;
        }
        yield return indent + line;
    }

    private void AppendAll(string heading, IReadOnlyList<ProvisioningOperation> operations)
    {
        if (heading.Length > 0 && operations.Count > 0)
            Append(0, heading);
        int depth = heading.Length > 0 ? 1 : 0;
        foreach (ProvisioningOperation operation in operations)
        {
            string staged = operation.Staged ? ", staged" : "";
            string who = Who(operation.Identity, operation.SourceId, operation.TargetId);
            Append(depth, $"{operation.Action} {who}{staged}", operation.Drift);
            Append(depth + 1, operation.Reason);
            if (operation.Problem is { } problem)
                Append(depth + 1, $"{operation.ProblemCode}: {problem}");
            AppendNote(operation.Note, depth + 1);
            AppendChanges(operation.Action, operation.Changes, depth + 1);
        }
    }

    private void AppendNote(string? note, int depth)
    {
        if (note is not null)
            Append(depth, $"Note: {note}");
    }

    private void AppendChanges(ProvisioningAction action, IReadOnlyList<AttributeChange> changes, int depth)
    {
        if (action == ProvisioningAction.Create && changes.All(change => change.OldValue is null))
        {
            Append(depth, string.Join("; ", changes.Select(change => $"{change.Attribute}: {change.NewValue ?? "-"}")));
            return;
        }
        foreach (AttributeChange change in changes)
            Append(depth, $"{change.Attribute}: {change.OldValue ?? "-"} -> {change.NewValue ?? "-"}");
    }

    private string Who(string identity, string sourceId, string? targetId)
    {
        string source = sourceId.Length == 0 ? "-" : sourceName(sourceId);
        string target = targetId is null ? "-" : targetName(targetId) ?? $"id {targetId}";
        return $"{identity} (source {source}, target {target})";
    }

    private void Append(int depth, string line, ProvisioningDrift drift) =>
        Append(depth, drift == ProvisioningDrift.None ? line : $"{line}, {drift}");

    private void Append(int depth, string line)
    {
        if (line.Length > 0)
            _text.Append(' ', depth * 4).Append(line).Append('\n');
    }

    private string Take() => _text.ToString().TrimEnd('\n');
}
