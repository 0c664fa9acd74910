using System.Net;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Behaviors;

/// <summary>The class of each behaviour, and its default number.</summary>
internal static class BehaviorCatalog
{
    /// <exception cref="ArgumentOutOfRangeException">No such behaviour, or a number below 1.</exception>
    public static Behavior Create(SandboxBehavior behavior, int? number, SandboxOptions options, UserSchemas schemas)
    {
        if (number is { } given)
            ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(number));
        TimeProvider timeProvider = options.TimeProvider;
        return behavior switch
        {
            SandboxBehavior.FilterMisses => new FilterMisses(),
            SandboxBehavior.FilterCaseSensitive => new FilterCaseSensitive(),
            SandboxBehavior.FilterIgnored => new FilterIgnored(),
            SandboxBehavior.FilterContains => new FilterContains(),
            SandboxBehavior.GetAnswersAnotherUser => new GetAnswersAnotherUser(),
            SandboxBehavior.WritesAnswerNotFound => new WritesAnswerNotFound(),
            SandboxBehavior.UnknownIdFails => new UnknownIdAnswered(HttpStatusCode.InternalServerError, "The service failed."),
            SandboxBehavior.UnknownIdGone => new UnknownIdAnswered(HttpStatusCode.Gone, "It is gone."),
            SandboxBehavior.InactiveHidden => new InactiveHidden(),
            SandboxBehavior.CreatedInvisible => new CreatedInvisible(TimeSpan.FromSeconds(number ?? 2), timeProvider),
            SandboxBehavior.ConflictWithoutScimType => new ConflictWithoutScimType(),
            SandboxBehavior.ConflictAsProblemJson => new ConflictAsProblemJson(),
            SandboxBehavior.ExternalIdUnique => new ExternalIdUnique(),
            SandboxBehavior.PageCapBelowRequested => new PageCapBelowRequested(number ?? 10),
            SandboxBehavior.TotalResultsEqualsPageSize => new TotalResultsEqualsPageSize(),
            SandboxBehavior.StartIndexIgnored => new StartIndexIgnored(),
            SandboxBehavior.PastEndRepeatsFirstPage => new PastEndRepeatsFirstPage(),
            SandboxBehavior.FirstPageOnly => new FirstPageOnly(),
            SandboxBehavior.PageWalkUnavailable => new PageWalkUnavailable(number ?? 1),
            SandboxBehavior.PatchNoContent => new PatchNoContent(),
            SandboxBehavior.PathlessPatchRejected => new PathlessPatchRejected(),
            SandboxBehavior.PatchPathRejected => new PatchPathRejected(),
            SandboxBehavior.FilteredPathNoTarget => new FilteredPathNoTarget(),
            SandboxBehavior.ValuesNotKept => new ValuesNotKept(options.NotKept, schemas),
            SandboxBehavior.ManagerObjectsNotKept => new ManagerObjectsNotKept(),
            SandboxBehavior.PathValuesNotKept => new PathValuesNotKept(),
            SandboxBehavior.PathlessValuesNotKept => new PathlessValuesNotKept(),
            SandboxBehavior.FilteredReplaceCreates => new FilteredReplaceCreates(),
            SandboxBehavior.StringBooleansRejected => new StringBooleansRejected(),
            SandboxBehavior.JsonBooleansRejected => new JsonBooleansRejected(),
            SandboxBehavior.UserNameLowercased => new UserNameLowercased(),
            SandboxBehavior.PhoneNumbersNormalized => new PhoneNumbersNormalized(),
            SandboxBehavior.DatesNormalized => new DatesNormalized(),
            SandboxBehavior.TextNormalized => new TextNormalized(),
            SandboxBehavior.EmptyPageWithoutResources => new EmptyPageWithoutResources(),
            SandboxBehavior.DeleteRepeatsNoContent => new DeleteRepeatsNoContent(),
            SandboxBehavior.GroupMembersHidden => new GroupMembersHidden(),
            SandboxBehavior.GroupMembersLimited => new GroupMembersLimited(number ?? 100),
            SandboxBehavior.JsonMediaTypeRejected => new MediaTypeRejected("application/json"),
            SandboxBehavior.ScimMediaTypeRejected => new MediaTypeRejected("application/scim+json"),
            SandboxBehavior.TooManyRequests => new TooManyRequests(number ?? 3),
            SandboxBehavior.TooManyRequestsByCount => new TooManyRequestsByCount(number ?? 10),
            SandboxBehavior.TooManyRequestsByChance => new TooManyRequestsByChance(number ?? 10, options.Seed),
            SandboxBehavior.TooManyRequestsDoubling => new TooManyRequestsDoubling(number ?? 10, timeProvider),
            SandboxBehavior.RetryAfterDate => new RetryAfterDate(timeProvider),
            SandboxBehavior.RetryAfterMissing => new RetryAfterMissing(),
            SandboxBehavior.AnswerLostAfterWrite => new AnswerLostAfterWrite(number ?? 1),
            SandboxBehavior.DiscoveryNeedsCredential => new DiscoveryNeedsCredential(),
            SandboxBehavior.TokenExpires => new TokenExpires(number ?? 100),
            SandboxBehavior.HtmlInsteadOfJson => new HtmlInsteadOfJson(),
            SandboxBehavior.TextCutInSurrogatePair => new TextCutInSurrogatePair(),
            SandboxBehavior.TextCutInUtf8Sequence => new TextCutInUtf8Sequence(),
            SandboxBehavior.TruncatedJson => new TruncatedJson(),
            SandboxBehavior.EnormousBody => new EnormousBody(number ?? 50),
            SandboxBehavior.SlowHeaders => new SlowHeaders(TimeSpan.FromSeconds(number ?? 30)),
            _ => throw new ArgumentOutOfRangeException(nameof(behavior), behavior, "The sandbox has no such behaviour."),
        };
    }
}
