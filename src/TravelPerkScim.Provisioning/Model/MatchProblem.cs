using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Why a match cannot be used.</summary>
/// <param name="Code">Entra's error code.</param>
/// <param name="Message">The same in words, and the way out.</param>
/// <param name="Owner">The source user that holds the match; null when that is not the problem.</param>
internal sealed record MatchProblem(string Code, string Message, string? Owner = null)
{
    public const string NotSearchableCode = "TargetNotSearchable";

    public static MatchProblem SeveralTargets(string attribute, List<string> ids) =>
        new(
            "DuplicateTargetEntries",
            $"{ids.Count} TravelPerk users have this {attribute} (ids {string.Join(", ", ids.Take(5))}). "
                + $"Remove or correct the duplicates in TravelPerk."
        );

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
            $"The matching TravelPerk user {id} belongs to another source user by its externalId "
                + $"({owner}), and that one is active and in scope. When that user was written under its new "
                + $"values, the next cycle goes on; otherwise correct the matching attribute of one of them.",
            owner
        );

    public static MatchProblem ValueMissing(IEnumerable<string> attributes) =>
        new(
            "MatchingValueMissing",
            $"The source user has no value for any matching attribute ({string.Join(", ", attributes)}), so whether "
                + $"TravelPerk has the user cannot be found out, and none is created. Complete the source attribute."
        );

    /// <summary>A user who left keeps the value in TravelPerk.</summary>
    public static MatchProblem HeldByLeaver(string attribute, string id, string holder) =>
        new(
            "EntryConflict",
            $"TravelPerk user {id} still has this {attribute}. It is the user of the source user "
                + $"{holder}, who left, and a user who left keeps its values there. "
                + $"Change the {attribute} of user {id} in TravelPerk, or delete user {id} there; the next cycle goes on then.",
            holder
        );

    /// <summary>A user who is to give the value up cannot be written.</summary>
    public static MatchProblem WaitsFor(string attribute, string holder) =>
        new(
            "EntryConflict",
            $"{holder} still has this {attribute} in TravelPerk and cannot be written in this cycle; "
                + $"the error of {holder} says why. When that is solved, the next cycle goes on."
        );

    /// <summary>The filter shows users who were not asked for, and the pages cannot be read to their end.</summary>
    public static MatchProblem NotSearchable() =>
        new(
            NotSearchableCode,
            "Whether TravelPerk has the user already cannot be found out: its filter does not find exactly who is asked for, "
                + "and its list cannot be read to the end. Nothing is written. Ask TravelPerk's support about filters and paging."
        );

    /// <summary>The linked id is somebody else's, and the user is nowhere to be found.</summary>
    public static MatchProblem AnotherUser(string id) =>
        new(
            "IdentityMismatch",
            $"TravelPerk user {id}, to which the source user is linked, is another person by now, and the source user "
                + $"is not found in TravelPerk under what was last written there. Nothing is written. "
                + $"See in TravelPerk who user {id} is, and disable by hand who must leave; "
                + $"Reset-ProvisioningJob -Scope Links forgets the link."
        );

    /// <summary>A user has a name of the leaver's under another id, and nothing else says that it is the same person: names are handed
    /// on.</summary>
    public static MatchProblem NameOnly(string linked, string id) =>
        new(
            "IdentityMismatch",
            $"The source user left, and TravelPerk user {linked}, to which it is linked, is not there any more or "
                + $"is another person by now. TravelPerk user {id} has the same userName or matching attribute, but no "
                + $"externalId, and given and family name differ or are not known. It is not disabled. "
                + $"See in TravelPerk who user {id} is, and disable by hand who must leave; "
                + $"Reset-ProvisioningJob -Scope Links forgets the link."
        );

    /// <summary>The same of a group.</summary>
    public static MatchProblem AnotherGroup(string id) =>
        new(
            "IdentityMismatch",
            $"TravelPerk group {id}, to which the source group is linked, is another group by "
                + $"now, and the source group is not found in TravelPerk. Nothing is written. "
                + $"See in TravelPerk which group {id} is; Reset-ProvisioningJob -Scope Links forgets the link."
        );

    /// <summary>The answer about the linked user is no answer.</summary>
    public static MatchProblem Unanswered(ScimException e) => new(e.ErrorId, e.Message);

    public static MatchProblem SameSource(string attribute) =>
        new("DuplicateSourceEntries", $"Another source user has the same {attribute}. Correct it so that it is unique in the source.");

    public static MatchProblem SeveralSources(string id) =>
        new(
            "DuplicateSourceEntries",
            $"Several source users match TravelPerk user {id}. Correct the matching attribute so that it is unique in the source."
        );
}
