namespace TravelPerkScim.Entra.Http;

/// <summary>
/// How much of Graph's answers is read. Graph's own answers are far smaller. An answer beyond these bounds is an attack or a defect, and
/// ends the read with an error.
/// </summary>
internal sealed record GraphBounds
{
    /// <summary>Bytes of one answer, after decompression. A page of 999 users with every attribute has a few megabytes.</summary>
    public long AnswerBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Pages of one list.</summary>
    public int Pages { get; init; } = 100_000;

    /// <summary>Pages without an item, one after the other. A delta query can give some.</summary>
    public int EmptyPages { get; init; } = 1000;
}
