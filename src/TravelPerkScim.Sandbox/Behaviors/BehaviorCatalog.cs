using System.Net;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Behaviors;

/// <summary>The class of each behaviour, and its default number.</summary>
internal static class BehaviorCatalog
{
    private static readonly Dictionary<SandboxBehavior, Func<SandboxOptions, UserSchemas, Behavior>> s_withoutNumber = new()
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
        [SandboxBehavior.ValuesNotKept] = (given, schemas) => new ValuesNotKept(given.NotKept, schemas),
        [SandboxBehavior.RetryAfterDate] = (given, _) => new RetryAfterDate(given.TimeProvider),
        [SandboxBehavior.UnknownIdFails] = (_, _) => new UnknownIdAnswered(HttpStatusCode.InternalServerError, "The service failed."),
        [SandboxBehavior.UnknownIdGone] = (_, _) => new UnknownIdAnswered(HttpStatusCode.Gone, "It is gone."),
        [SandboxBehavior.JsonMediaTypeRejected] = (_, _) => new MediaTypeRejected("application/json"),
        [SandboxBehavior.ScimMediaTypeRejected] = (_, _) => new MediaTypeRejected("application/scim+json"),
    };

    /// <summary>The behaviours that take a number, with its default.</summary>
    private static readonly Dictionary<SandboxBehavior, (int Default, Func<int, SandboxOptions, Behavior> Create)> s_withNumber = new()
    {
        [SandboxBehavior.CreatedInvisible] = (
            2,
            (seconds, given) => new CreatedInvisible(TimeSpan.FromSeconds(seconds), given.TimeProvider)
        ),
        [SandboxBehavior.PageCapBelowRequested] = (10, (number, _) => new PageCapBelowRequested(number)),
        [SandboxBehavior.PageWalkUnavailable] = (1, (number, _) => new PageWalkUnavailable(number)),
        [SandboxBehavior.GroupMembersLimited] = (100, (number, _) => new GroupMembersLimited(number)),
        [SandboxBehavior.TooManyRequests] = (3, (number, _) => new TooManyRequests(number)),
        [SandboxBehavior.TooManyRequestsByCount] = (10, (number, _) => new TooManyRequestsByCount(number)),
        [SandboxBehavior.TooManyRequestsByChance] = (10, (number, given) => new TooManyRequestsByChance(number, given.Seed)),
        [SandboxBehavior.TooManyRequestsDoubling] = (10, (number, given) => new TooManyRequestsDoubling(number, given.TimeProvider)),
        [SandboxBehavior.AnswerLostAfterWrite] = (1, (number, _) => new AnswerLostAfterWrite(number)),
        [SandboxBehavior.TokenExpires] = (100, (number, _) => new TokenExpires(number)),
        [SandboxBehavior.EnormousBody] = (50, (number, _) => new EnormousBody(number)),
        [SandboxBehavior.SlowHeaders] = (30, (seconds, _) => new SlowHeaders(TimeSpan.FromSeconds(seconds))),
    };

    /// <exception cref="ArgumentOutOfRangeException">No such behaviour, or a number below 1.</exception>
    public static Behavior Create(SandboxBehavior behavior, int? number, SandboxOptions options, UserSchemas schemas)
    {
        if (number is { } given)
            ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(number));
        if (s_withoutNumber.TryGetValue(behavior, out Func<SandboxOptions, UserSchemas, Behavior>? create))
            return create(options, schemas);
        if (s_withNumber.TryGetValue(behavior, out (int Default, Func<int, SandboxOptions, Behavior> Create) counted))
            return counted.Create(number ?? counted.Default, options);
        throw new ArgumentOutOfRangeException(nameof(behavior), behavior, "The sandbox has no such behaviour.");
    }

    private static T New<T>(SandboxOptions options, UserSchemas schemas)
        where T : Behavior, new() => new();
}
