using System.Net;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Behaviors;

/// <summary>The class of each behaviour, and its default number.</summary>
internal static class BehaviorCatalog
{
    private static readonly Dictionary<SandboxBehavior, Func<Behavior>> s_withoutSettings = new()
    {
        [SandboxBehavior.FilterMisses] = New<FilterMisses>,
        [SandboxBehavior.FilterCaseSensitive] = New<FilterCaseSensitive>,
        [SandboxBehavior.FilterIgnored] = New<FilterIgnored>,
        [SandboxBehavior.FilterContains] = New<FilterContains>,
        [SandboxBehavior.GetAnswersAnotherUser] = New<GetAnswersAnotherUser>,
        [SandboxBehavior.WritesAnswerNotFound] = New<WritesAnswerNotFound>,
        [SandboxBehavior.InactiveHidden] = New<InactiveHidden>,
        [SandboxBehavior.ConflictWithoutScimType] = New<ConflictWithoutScimType>,
        [SandboxBehavior.ConflictAsProblemJson] = New<ConflictAsProblemJson>,
        [SandboxBehavior.ExternalIdUnique] = New<ExternalIdUnique>,
        [SandboxBehavior.TotalResultsEqualsPageSize] = New<TotalResultsEqualsPageSize>,
        [SandboxBehavior.StartIndexIgnored] = New<StartIndexIgnored>,
        [SandboxBehavior.PastEndRepeatsFirstPage] = New<PastEndRepeatsFirstPage>,
        [SandboxBehavior.FirstPageOnly] = New<FirstPageOnly>,
        [SandboxBehavior.PatchNoContent] = New<PatchNoContent>,
        [SandboxBehavior.PathlessPatchRejected] = New<PathlessPatchRejected>,
        [SandboxBehavior.PatchPathRejected] = New<PatchPathRejected>,
        [SandboxBehavior.FilteredPathNoTarget] = New<FilteredPathNoTarget>,
        [SandboxBehavior.ManagerObjectsNotKept] = New<ManagerObjectsNotKept>,
        [SandboxBehavior.PathValuesNotKept] = New<PathValuesNotKept>,
        [SandboxBehavior.PathlessValuesNotKept] = New<PathlessValuesNotKept>,
        [SandboxBehavior.FilteredReplaceCreates] = New<FilteredReplaceCreates>,
        [SandboxBehavior.StringBooleansRejected] = New<StringBooleansRejected>,
        [SandboxBehavior.JsonBooleansRejected] = New<JsonBooleansRejected>,
        [SandboxBehavior.UserNameLowercased] = New<UserNameLowercased>,
        [SandboxBehavior.PhoneNumbersNormalized] = New<PhoneNumbersNormalized>,
        [SandboxBehavior.DatesNormalized] = New<DatesNormalized>,
        [SandboxBehavior.TextNormalized] = New<TextNormalized>,
        [SandboxBehavior.EmptyPageWithoutResources] = New<EmptyPageWithoutResources>,
        [SandboxBehavior.DeleteRepeatsNoContent] = New<DeleteRepeatsNoContent>,
        [SandboxBehavior.GroupMembersHidden] = New<GroupMembersHidden>,
        [SandboxBehavior.RetryAfterMissing] = New<RetryAfterMissing>,
        [SandboxBehavior.DiscoveryNeedsCredential] = New<DiscoveryNeedsCredential>,
        [SandboxBehavior.HtmlInsteadOfJson] = New<HtmlInsteadOfJson>,
        [SandboxBehavior.TextCutInSurrogatePair] = New<TextCutInSurrogatePair>,
        [SandboxBehavior.TextCutInUtf8Sequence] = New<TextCutInUtf8Sequence>,
        [SandboxBehavior.TruncatedJson] = New<TruncatedJson>,
    };

    /// <exception cref="ArgumentOutOfRangeException">No such behaviour, or a number below 1.</exception>
    public static Behavior Create(SandboxBehavior behavior, int? number, SandboxOptions options, UserSchemas schemas)
    {
        if (number is { } given)
            ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(number));
        if (s_withoutSettings.TryGetValue(behavior, out Func<Behavior>? create))
            return create();
        TimeProvider timeProvider = options.TimeProvider;
        return behavior switch
        {
            SandboxBehavior.UnknownIdFails => new UnknownIdAnswered(HttpStatusCode.InternalServerError, "The service failed."),
            SandboxBehavior.UnknownIdGone => new UnknownIdAnswered(HttpStatusCode.Gone, "It is gone."),
            SandboxBehavior.CreatedInvisible => new CreatedInvisible(TimeSpan.FromSeconds(number ?? 2), timeProvider),
            SandboxBehavior.PageCapBelowRequested => new PageCapBelowRequested(number ?? 10),
            SandboxBehavior.PageWalkUnavailable => new PageWalkUnavailable(number ?? 1),
            SandboxBehavior.ValuesNotKept => new ValuesNotKept(options.NotKept, schemas),
            SandboxBehavior.GroupMembersLimited => new GroupMembersLimited(number ?? 100),
            SandboxBehavior.JsonMediaTypeRejected => new MediaTypeRejected("application/json"),
            SandboxBehavior.ScimMediaTypeRejected => new MediaTypeRejected("application/scim+json"),
            SandboxBehavior.TooManyRequests => new TooManyRequests(number ?? 3),
            SandboxBehavior.TooManyRequestsByCount => new TooManyRequestsByCount(number ?? 10),
            SandboxBehavior.TooManyRequestsByChance => new TooManyRequestsByChance(number ?? 10, options.Seed),
            SandboxBehavior.TooManyRequestsDoubling => new TooManyRequestsDoubling(number ?? 10, timeProvider),
            SandboxBehavior.RetryAfterDate => new RetryAfterDate(timeProvider),
            SandboxBehavior.AnswerLostAfterWrite => new AnswerLostAfterWrite(number ?? 1),
            SandboxBehavior.TokenExpires => new TokenExpires(number ?? 100),
            SandboxBehavior.EnormousBody => new EnormousBody(number ?? 50),
            SandboxBehavior.SlowHeaders => new SlowHeaders(TimeSpan.FromSeconds(number ?? 30)),
            _ => throw new ArgumentOutOfRangeException(nameof(behavior), behavior, "The sandbox has no such behaviour."),
        };
    }

    private static T New<T>()
        where T : Behavior, new() => new();
}
