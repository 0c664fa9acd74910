namespace TravelPerkScim.Sandbox.Behaviors;

/// <summary>Which class shows which behaviour, and its default number.</summary>
internal static class BehaviorCatalog
{
    /// <exception cref="ArgumentOutOfRangeException">No such behaviour, or a number below 1.</exception>
    public static Behavior Create(SandboxBehavior behavior, int? number, TimeProvider timeProvider)
    {
        if (number is { } given)
            ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(number));
        return behavior switch
        {
            SandboxBehavior.FilterMisses => new FilterMisses(),
            SandboxBehavior.FilterCaseSensitive => new FilterCaseSensitive(),
            SandboxBehavior.FilterIgnored => new FilterIgnored(),
            SandboxBehavior.FilterContains => new FilterContains(),
            SandboxBehavior.GetAnswersAnotherUser => new GetAnswersAnotherUser(),
            SandboxBehavior.WritesAnswerNotFound => new WritesAnswerNotFound(),
            SandboxBehavior.InactiveHidden => new InactiveHidden(),
            SandboxBehavior.CreatedInvisible => new CreatedInvisible(TimeSpan.FromSeconds(number ?? 2), timeProvider),
            SandboxBehavior.ConflictWithoutScimType => new ConflictWithoutScimType(),
            SandboxBehavior.ConflictAsProblemJson => new ConflictAsProblemJson(),
            SandboxBehavior.ExternalIdUnique => new ExternalIdUnique(),
            SandboxBehavior.PageCapBelowRequested => new PageCapBelowRequested(number ?? 10),
            SandboxBehavior.TotalResultsEqualsPageSize => new TotalResultsEqualsPageSize(),
            SandboxBehavior.StartIndexIgnored => new StartIndexIgnored(),
            SandboxBehavior.PastEndRepeatsFirstPage => new PastEndRepeatsFirstPage(),
            SandboxBehavior.PageWalkUnavailable => new PageWalkUnavailable(number ?? 1),
            SandboxBehavior.PatchNoContent => new PatchNoContent(),
            SandboxBehavior.PathlessPatchRejected => new PathlessPatchRejected(),
            SandboxBehavior.PatchPathRejected => new PatchPathRejected(),
            SandboxBehavior.FilteredPathNoTarget => new FilteredPathNoTarget(),
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
            SandboxBehavior.RetryAfterDate => new RetryAfterDate(timeProvider),
            SandboxBehavior.RetryAfterMissing => new RetryAfterMissing(),
            SandboxBehavior.AnswerLostAfterWrite => new AnswerLostAfterWrite(number ?? 1),
            SandboxBehavior.TokenExpires => new TokenExpires(number ?? 100),
            SandboxBehavior.HtmlInsteadOfJson => new HtmlInsteadOfJson(),
            SandboxBehavior.TruncatedJson => new TruncatedJson(),
            SandboxBehavior.EnormousBody => new EnormousBody(number ?? 50),
            SandboxBehavior.SlowHeaders => new SlowHeaders(TimeSpan.FromSeconds(number ?? 30)),
            _ => throw new ArgumentOutOfRangeException(nameof(behavior), behavior, "The sandbox has no such behaviour."),
        };
    }
}
