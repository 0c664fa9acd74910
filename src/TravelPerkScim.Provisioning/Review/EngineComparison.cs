using System.Diagnostics.CodeAnalysis;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>One attribute to which the two engines give different values.</summary>
/// <param name="Attribute">Target attribute path.</param>
/// <param name="Hosted">The value that the hosted job last wrote, as text; null when its log does not name the attribute, or when it
/// cleared the attribute.</param>
/// <param name="Here">The value that this job would write, as text; null clears the attribute.</param>
public sealed record EngineValue(string Attribute, string? Hosted, string? Here)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Attribute}: {Hosted ?? "(not written)"} there, {Here ?? "(none)"} here";
}

/// <summary>The state in which the hosted provisioning job left one user, beside the state to which a job of this module would bring
/// it.</summary>
public sealed record EngineComparison
{
    /// <summary>userName, or the source id where the userName is not known.</summary>
    public required string Identity
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>Source anchor (Entra objectId).</summary>
    public required string SourceId { get; init; }

    /// <summary>TravelPerk id, when known.</summary>
    public string? TargetId { get; init; }

    /// <summary>How the two states differ.</summary>
    public required EngineDifference Difference { get; init; }

    /// <summary>Why the states differ, in a sentence or two.</summary>
    public required string Reason
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>Attributes with different values; empty unless both jobs write the user.</summary>
    public IReadOnlyList<EngineValue> Values { get; init; } = [];

    /// <summary>The hosted job's last entry about the user in the span; null when there is none.</summary>
    public ProvisioningOutcome? Hosted { get; init; }

    /// <summary>The operation of this job; null when it has nothing to do.</summary>
    public ProvisioningOperation? Here { get; init; }

    /// <summary>
    /// Compares the hosted job's writes in a span with a plan that was made after them. The plan reads TravelPerk as the hosted job left
    /// it, so every write of the plan is a difference. A user whom the plan would only link has no difference.
    /// </summary>
    /// <param name="hosted">Entries of the hosted job's log, in any order.</param>
    /// <param name="plan">A plan that compares every user with TravelPerk, with the users it leaves alone.</param>
    /// <returns>Users with a difference and those without, by userName.</returns>
    public static IReadOnlyList<EngineComparison> Of(IEnumerable<ProvisioningOutcome> hosted, ProvisioningPlan plan)
    {
        ArgumentNullException.ThrowIfNull(hosted);
        ArgumentNullException.ThrowIfNull(plan);
        ILookup<string, ProvisioningOutcome> there = hosted
            .Where(entry => entry.ObjectType == ProvisioningObjectType.User)
            .ToLookup(entry => entry.SourceId, StringComparer.OrdinalIgnoreCase);
        ILookup<string, ProvisioningOperation> here = plan
            .Operations.Concat(plan.Skipped)
            .Where(operation => operation.ObjectType == ProvisioningObjectType.User)
            .ToLookup(operation => operation.SourceId, StringComparer.OrdinalIgnoreCase);
        return
        [
            .. there
                .Select(entries => entries.Key)
                .Union(here.Select(operations => operations.Key), StringComparer.OrdinalIgnoreCase)
                .Select(anchor => Compare(anchor, there[anchor].MaxBy(entry => entry.Time), Main(here[anchor])))
                .OrderBy(compared => compared.Identity, StringComparer.OrdinalIgnoreCase),
        ];
    }

    // A user has several operations while names are exchanged. The last one has the user's final state.
    private static ProvisioningOperation? Main(IEnumerable<ProvisioningOperation> operations) =>
        operations.FirstOrDefault(operation => operation.Problem is not null) ?? operations.LastOrDefault();

    private static EngineComparison Compare(string anchor, ProvisioningOutcome? hosted, ProvisioningOperation? here)
    {
        (EngineDifference difference, string reason) = DifferenceOf(hosted, here);
        return new EngineComparison
        {
            Identity = here?.Identity ?? hosted!.Identity,
            SourceId = anchor,
            TargetId = here?.TargetId ?? hosted?.TargetId,
            Difference = difference,
            Reason = reason,
            Values = difference is EngineDifference.OtherValues ? ValuesOf(hosted!, here!) : [],
            Hosted = hosted,
            Here = here,
        };
    }

    private static (EngineDifference Difference, string Reason) DifferenceOf(ProvisioningOutcome? hosted, ProvisioningOperation? here) =>
        hosted?.Status switch
        {
            OutcomeStatus.Failure => AfterFailure(hosted, here),
            _ when here?.Problem is { } problem => (EngineDifference.FailsHere, $"Here: {Sentence(problem)} There {Did(hosted)}"),
            OutcomeStatus.Success => AfterWrite(hosted, here),
            _ when Writes(here) => (
                EngineDifference.OnlyHere,
                $"Here it would be {Verb(here.Action)}: {Sentence(here.Reason)} There {Did(hosted)}"
            ),
            _ => (EngineDifference.None, "Both leave the user as it is."),
        };

    private static (EngineDifference Difference, string Reason) AfterFailure(ProvisioningOutcome hosted, ProvisioningOperation? here)
    {
        string there = $"There: {Sentence(hosted.Reason)}";
        if (here?.Problem is { } problem)
            return (EngineDifference.BothFail, $"{there} Here: {problem}");
        if (Writes(here))
            return (EngineDifference.HostedFails, $"{there} Here it would be {Verb(here.Action)}: {here.Reason}");
        return (EngineDifference.HostedFails, $"{there} Here nothing is left to do{Because(here)}");
    }

    private static (EngineDifference Difference, string Reason) AfterWrite(ProvisioningOutcome hosted, ProvisioningOperation? here)
    {
        bool left = hosted.Action.IsDeparture();
        if (Writes(here))
        {
            string would = $"There {Did(hosted)} Here it would be {Verb(here.Action)}";
            bool isOtherAction = left || here.Action.IsDeparture() || here.Action == ProvisioningAction.Create;
            if (isOtherAction)
                return (EngineDifference.OtherAction, $"{would}: {here.Reason}");
            return (EngineDifference.OtherValues, $"{would} after it: {here.Reason}");
        }
        if (left || here is not { Action: ProvisioningAction.None })
            return (EngineDifference.None, "TravelPerk is as this job would leave it.");
        return (EngineDifference.OnlyHosted, $"There {Did(hosted)} Here the user is left alone: {here.Reason}");
    }

    private static bool Writes([NotNullWhen(true)] ProvisioningOperation? here) =>
        here is { Problem: null, Action: not (ProvisioningAction.None or ProvisioningAction.Link) };

    private static List<EngineValue> ValuesOf(ProvisioningOutcome hosted, ProvisioningOperation here) =>
        [
            .. here.Changes.Select(change => new EngineValue(
                change.Attribute,
                hosted
                    .ModifiedProperties.FirstOrDefault(written =>
                        written.Attribute.Equals(change.Attribute, StringComparison.OrdinalIgnoreCase)
                    )
                    ?.NewValue,
                change.NewValue
            )),
        ];

    private static string Did(ProvisioningOutcome? hosted) =>
        hosted switch
        {
            null => "its log of the span does not name the user.",
            { Status: OutcomeStatus.Skipped } => $"it was skipped: {hosted.Reason}",
            _ => $"it was {Verb(hosted.Action)} at {ShownTime.Text(hosted.Time)}.",
        };

    private static string Because(ProvisioningOperation? here) =>
        here is { Action: ProvisioningAction.None } ? $": {here.Reason}" : ": TravelPerk has the values already.";

    private static string Sentence(string text) => text.TrimEnd().EndsWith('.') ? text : text + ".";

    private static string Verb(ProvisioningAction action) => s_verbs.GetValueOrDefault(action, "left alone");

    private static readonly Dictionary<ProvisioningAction, string> s_verbs = new()
    {
        [ProvisioningAction.Create] = "created",
        [ProvisioningAction.Update] = "updated",
        [ProvisioningAction.Enable] = "enabled",
        [ProvisioningAction.Disable] = "disabled",
        [ProvisioningAction.Delete] = "deleted",
        [ProvisioningAction.Link] = "linked",
    };
}
