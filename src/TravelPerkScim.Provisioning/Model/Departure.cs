namespace TravelPerkScim.Provisioning.Model;

/// <summary>Why an account keeps no TravelPerk user, as the source shows it.</summary>
internal enum Departure
{
    /// <summary>The account keeps its user, or whether it does cannot be told.</summary>
    None,

    SoftDeleted,

    /// <summary>The account is disabled.</summary>
    Disabled,

    /// <summary>The account is not assigned, directly or by a group.</summary>
    NotEntitled,

    /// <summary>A scoping filter leaves the account out.</summary>
    OutOfScope,

    /// <summary>The account was permanently deleted.</summary>
    Deleted,

    /// <summary>A complete read does not list the account.</summary>
    NotListed,

    /// <summary>A look-up by the anchor does not find the account, and an earlier cycle saw it leave.</summary>
    NotFound,
}

internal static class DepartureWords
{
    /// <summary>The departure as words that follow the account; null for <see cref="Departure.None"/>.</summary>
    public static string? Words(this Departure departure) => s_words.GetValueOrDefault(departure);

    private static readonly Dictionary<Departure, string> s_words = new()
    {
        [Departure.SoftDeleted] = "which is soft-deleted in the source",
        [Departure.Disabled] = "which is disabled in the source",
        [Departure.NotEntitled] = "which is no longer assigned",
        [Departure.OutOfScope] = "which is out of scope",
        [Departure.Deleted] = "which was permanently deleted in the source",
        [Departure.NotListed] = "which the source no longer lists",
        [Departure.NotFound] = "which the source no longer finds",
    };
}
