namespace TravelPerkScim.Provisioning.Model;

/// <summary>What one source entry means for its user, before anything is compared with the target. A user has one assessment, or none when
/// nothing about the user changed.</summary>
internal abstract record Assessment(string Anchor)
{
    /// <summary>The read shows that the account keeps no TravelPerk user, and why.</summary>
    public Departure Departure { get; init; }

    /// <summary>The user was in escrow or had an open intent, and nothing is left to retry: back in the state last reached, left alone, or
    /// gone.</summary>
    public bool Settled { get; init; }

    /// <summary>The user is to be asked for again: a list of changes named the user and the entry could not be read, or the user's absence
    /// could not be proved.</summary>
    public bool AskAgain { get; init; }

    /// <summary>The cycle since when the source does not find the user by the anchor; null when it finds the user, or was not
    /// asked.</summary>
    public DateTimeOffset? NotFoundSince { get; init; }

    /// <summary>The user was permanently deleted, and the delete waits for the decision about a takeover. The source does not say so
    /// again.</summary>
    public bool DeleteWaits { get; init; }

    /// <summary>The desired state differs from the one last reached, or the user has no link.</summary>
    internal sealed record Changed(DesiredUser User) : Assessment(User.Anchor);

    /// <summary>The user did not change, and its manager has no TravelPerk user yet.</summary>
    internal sealed record AwaitingManager(DesiredUser User) : Assessment(User.Anchor);

    /// <summary>The desired state cannot be computed, or would be refused.</summary>
    /// <param name="User">The desired user, as far as it is known.</param>
    /// <param name="Code">Entra's error code, or a code of the module.</param>
    /// <param name="Message">What is wrong and what to do.</param>
    internal sealed record Invalid(DesiredUser User, string Code, string Message) : Assessment(User.Anchor);

    /// <summary>The user loses access.</summary>
    /// <param name="User">The linked user, with the values that a disable writes.</param>
    /// <param name="Reason">Why.</param>
    internal sealed record Leaves(DesiredUser User, OperationReason Reason) : Assessment(User.Anchor)
    {
        /// <summary>The account is enabled, and left the assignment or the scope. The job no longer manages the user afterwards.</summary>
        public bool Releases { get; init; }

        /// <summary>The attributes that the disable writes.</summary>
        public IReadOnlyList<TargetAttribute> Send { get; init; } = [];

        /// <summary>Given and family name in the source, by slot; null when the source does not give them.</summary>
        public object?[]? Names { get; init; }

        /// <summary>Why the disable cannot be sent; null when it can.</summary>
        public (string Code, string Message)? Problem { get; init; }
    }

    /// <summary>The linked user was permanently deleted in the source, and is to be deleted.</summary>
    internal sealed record Removed(string Anchor, Link Link) : Assessment(Anchor);

    /// <summary>Nothing is written.</summary>
    internal sealed record Skipped(string Anchor) : Assessment(Anchor)
    {
        /// <summary>What is told of the user; null when the cycle does not tell of users who are left alone.</summary>
        public Explanation? Explanation { get; init; }

        /// <summary>The user left the assignment or the scope, and is left as it is: the job no longer manages it from now on.</summary>
        public bool Released { get; init; }

        /// <summary>The job disabled the user before: the disable that is due when the user is active in TravelPerk. Null when the cycle
        /// does not compare.</summary>
        public Leaves? Again { get; init; }

        /// <summary>The cycle need not remember the user.</summary>
        public bool SaysNothing =>
            this
                is {
                    Explanation: null,
                    Again: null,
                    Departure: Departure.None,
                    Released: false,
                    Settled: false,
                    AskAgain: false,
                    DeleteWaits: false,
                };
    }
}

/// <summary>What is told of a user who is left alone.</summary>
/// <param name="Identity">The user's name, or the source id.</param>
/// <param name="TargetId">The TravelPerk user; null when there is none.</param>
/// <param name="Reason">Why the user is left alone.</param>
internal sealed record Explanation(string Identity, string? TargetId, OperationReason Reason)
{
    /// <summary>Why the source did not give a user who was asked for; null when it did.</summary>
    public string? Unread { get; init; }
}
