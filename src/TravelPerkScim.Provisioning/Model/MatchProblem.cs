using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Why a match cannot be used.</summary>
/// <param name="Code">Entra's error code.</param>
/// <param name="Message">The problem in words, and the way out.</param>
/// <param name="Owner">The source user that holds the match; null when no other source user holds it.</param>
internal sealed record MatchProblem(string Code, string Message, string? Owner = null)
{
    public const string NotSearchableCode = "TargetNotSearchable";

    public static MatchProblem SeveralTargets(string attribute, List<string> ids)
    {
        string some = string.Join(", ", ids.Take(5));
        return new(
            "DuplicateTargetEntries",
            $"{ids.Count} TravelPerk users have this {attribute} (ids {some}). Remove or correct the duplicates in TravelPerk."
        );
    }

    public static MatchProblem Taken(string id, string owner) =>
        new(
            "EntryConflict",
            $"The matching TravelPerk user {id} is linked to another source user ({owner}). Correct the matching attribute of one of them.",
            owner
        );

    /// <summary>TravelPerk says by externalId that the match belongs to another account, which is active and in scope.</summary>
    public static MatchProblem NamesAnother(string id, string owner) =>
        new(
            "EntryConflict",
            $"The matching TravelPerk user {id} belongs to another source user by its externalId ({owner}), "
                + "and that one is active and in scope. "
                + "When that user was written under its new values, the next cycle goes on; "
                + "otherwise correct the matching attribute of one of them.",
            owner
        );

    public static MatchProblem ValueMissing(IEnumerable<string> attributes)
    {
        string names = string.Join(", ", attributes);
        return new(
            "MatchingValueMissing",
            $"The source user has no value for any matching attribute ({names}). "
                + "Whether TravelPerk has the user cannot be found out, and none is created. Complete the source attribute."
        );
    }

    /// <summary>A user who left still has the value in TravelPerk.</summary>
    public static MatchProblem HeldByLeaver(string attribute, string id, string holder) =>
        new(
            "EntryConflict",
            $"TravelPerk user {id} still has this {attribute}. "
                + $"It is the user of the source user {holder}, who left, and a user who left keeps its values there. "
                + $"Change the {attribute} of user {id} in TravelPerk, or delete user {id} there; the next cycle goes on then.",
            holder
        );

    /// <summary>Another user has to give the value up first, and that user cannot be written.</summary>
    public static MatchProblem WaitsFor(string attribute, string holder) =>
        new(
            "EntryConflict",
            $"{holder} still has this {attribute} in TravelPerk and cannot be written in this cycle; the error of {holder} says why. "
                + "When that is solved, the next cycle goes on."
        );

    /// <summary>The filter answers users who were not asked for, and the list cannot be read to its end.</summary>
    public static MatchProblem NotSearchable() =>
        new(
            NotSearchableCode,
            "Whether TravelPerk has the user already cannot be found out: its filter answers users who were not asked for, "
                + "and its list cannot be read to the end. Nothing is written. Ask TravelPerk's support about filters and paging."
        );

    /// <summary>The user at the linked id is another person, and the source user's own TravelPerk user was not found.</summary>
    public static MatchProblem AnotherUser(string id) =>
        new(
            "IdentityMismatch",
            $"TravelPerk user {id}, to which the source user is linked, is another person by now, "
                + "and the source user is not found in TravelPerk under what was last written there. Nothing is written. "
                + $"See in TravelPerk who user {id} is, and disable by hand who must leave; "
                + "Reset-ProvisioningJob -Scope Links forgets the link."
        );

    /// <summary>A user under another id has a name of the leaver. Nothing else says that the user is the same person, and names are handed
    /// on.</summary>
    public static MatchProblem NameOnly(string linked, string id) =>
        new(
            "IdentityMismatch",
            $"The source user left, and TravelPerk user {linked}, to which it is linked, "
                + "is not there any more or is another person by now. "
                + $"TravelPerk user {id} has the same userName or matching attribute, but no externalId, "
                + "and given and family name differ or are not known. It is not disabled. "
                + $"See in TravelPerk who user {id} is, and disable by hand who must leave; "
                + "Reset-ProvisioningJob -Scope Links forgets the link."
        );

    /// <summary>The group at the linked id is another group, and the source group's own TravelPerk group was not found.</summary>
    public static MatchProblem AnotherGroup(string id) =>
        new(
            "IdentityMismatch",
            $"TravelPerk group {id}, to which the source group is linked, is another group by now, "
                + "and the source group is not found in TravelPerk. Nothing is written. "
                + $"See in TravelPerk which group {id} is; Reset-ProvisioningJob -Scope Links forgets the link."
        );

    /// <summary>The answer about the linked user cannot be read.</summary>
    public static MatchProblem Unanswered(ScimException e) => new(e.ErrorId, e.Message);

    public static MatchProblem SameSource(string attribute) =>
        new("DuplicateSourceEntries", $"Another source user has the same {attribute}. Correct it so that it is unique in the source.");

    public static MatchProblem SeveralSources(string id) =>
        new(
            "DuplicateSourceEntries",
            $"Several source users match TravelPerk user {id}. Correct the matching attribute so that it is unique in the source."
        );
}
