namespace TravelPerkScim.Scim.Schema;

/// <summary>A filter or path that does not follow RFC 7644's grammar: ErrorId <c>InvalidFilter</c> or <c>InvalidPath</c>.</summary>
public sealed class ScimSyntaxException : ScimException
{
    internal ScimSyntaxException(bool inFilter, string problem, int position)
        : base(
            ScimFailure.InvalidInput,
            inFilter ? "InvalidFilter" : "InvalidPath",
            $"{(inFilter ? "The SCIM filter" : "The attribute path")} is not valid at position {position}: {problem}"
        )
    {
        Position = position;
        ScimType = inFilter ? "invalidFilter" : "invalidPath";
    }

    /// <summary>1-based position of the character where reading stopped.</summary>
    public int Position { get; }
}
