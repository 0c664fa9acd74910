namespace TravelPerkScim.Provisioning.Model;

/// <summary>Initial (full read), incremental (changes since the watermark), or on demand (the users asked for).</summary>
public enum CycleKind : long
{
    /// <summary>Every source object is read and compared.</summary>
    Initial,

    /// <summary>Only the entries that changed since the watermark are looked at.</summary>
    Incremental,

    /// <summary>Only the users asked for are looked at, whatever the watermark says. The watermark stays.</summary>
    OnDemand,

    /// <summary>Everything is read, and every user is compared with what TravelPerk really holds.</summary>
    Reconcile,

    /// <summary>The operations of a reviewed plan and nothing else; the watermark stays.</summary>
    Reviewed,
}

internal static class CycleKinds
{
    /// <summary>True for initial, incremental and reconcile cycles. On-demand and reviewed cycles touch chosen users only, so they change
    /// neither quarantine nor watermark.</summary>
    public static bool CoversWholeJob(this CycleKind kind) => kind is not (CycleKind.OnDemand or CycleKind.Reviewed);
}

/// <summary>Counters of one cycle.</summary>
public sealed record CycleCounts
{
    /// <summary>Source entries read.</summary>
    public long Read { get; init; }

    /// <summary>Entries in scope and enabled.</summary>
    public long InScope { get; init; }

    /// <summary>Entries already in the desired state.</summary>
    public long Unchanged { get; init; }

    /// <summary>Entries left alone: disabled or out of scope and never provisioned, or waiting in escrow.</summary>
    public long Skipped { get; init; }

    public long Created { get; init; }

    public long Updated { get; init; }

    public long Enabled { get; init; }

    public long Disabled { get; init; }

    public long Deleted { get; init; }

    /// <summary>Users found in TravelPerk with the desired values.</summary>
    public long Linked { get; init; }

    /// <summary>Entries that failed and wait in escrow.</summary>
    public long Failed { get; init; }

    /// <summary>Disables and deletes held back by a threshold, and takeovers that wait for an approval.</summary>
    public long Staged { get; init; }

    /// <summary>SCIM requests sent, retries included.</summary>
    public long Requests { get; init; }

    /// <summary>The counts that are not zero, in a line.</summary>
    public override string ToString()
    {
        (string Name, long Count)[] counts =
        [
            ("read", Read),
            ("unchanged", Unchanged),
            ("skipped", Skipped),
            ("created", Created),
            ("updated", Updated),
            ("enabled", Enabled),
            ("disabled", Disabled),
            ("deleted", Deleted),
            ("linked", Linked),
            ("failed", Failed),
            ("staged", Staged),
        ];
        return string.Join(
            ", ",
            counts
                .Where(c => c.Count > 0)
                .Select(c => FormattableString.Invariant($"{c.Count} {c.Name}"))
                .Append(FormattableString.Invariant($"{Requests} requests"))
        );
    }
}
