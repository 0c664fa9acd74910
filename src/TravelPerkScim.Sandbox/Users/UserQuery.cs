using System.Globalization;
using System.Numerics;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>The query of a list (RFC 7644 section 3.4.2), clamped as the RFC says.</summary>
internal sealed record UserQuery(ScimFilter? Filter, int StartIndex, int Count)
{
    public static UserQuery Read(SandboxRequest request, SandboxOptions options, UserSchemas schemas)
    {
        // A value below 1 counts as 1, a negative count as 0 (RFC 7644 section 3.4.2.4).
        int startIndex = Math.Max(1, ReadInteger(request, "startIndex") ?? 1);
        int count = Math.Max(0, ReadInteger(request, "count") ?? options.DefaultPageSize);
        return new UserQuery(
            ReadFilter(request.Query("filter"))?.WithCase(schemas.CaseExact),
            startIndex,
            Math.Min(count, options.PageCap)
        );
    }

    /// <summary>The users that match; null when no index helps and every user must be compared.</summary>
    public IReadOnlyList<StoredUser>? Find(UserIndex users)
    {
        if (Filter is null)
            return users.Ordered;
        if (
            Filter is ComparisonFilter
            {
                Comparison: ScimComparison.Equal,
                Value: string value,
                Path: { SchemaUrn: null, SubAttribute: null } path
            }
        )
        {
            switch (path.Attribute.ToUpperInvariant())
            {
                case "ID":
                    return One(users.Find(value));
                case "USERNAME":
                    return One(users.FindUserName(value));
                case "EXTERNALID":
                    return users.FindExternalId(value);
            }
        }
        return null;
    }

    /// <param name="users">The users to search.</param>
    /// <param name="shown">A user's JSON as an answer shows it.</param>
    public IReadOnlyList<StoredUser> Scan(IEnumerable<StoredUser> users, Func<StoredUser, byte[]> shown) =>
        [.. users.Where(user => Filter!.Matches(ScimJson.ParseStored(shown(user))))];

    private static StoredUser[] One(StoredUser? user) => user is null ? [] : [user];

    private static ScimFilter? ReadFilter(string? text)
    {
        try
        {
            return text is null ? null : ScimFilter.Parse(text);
        }
        catch (ScimSyntaxException error)
        {
            throw ScimErrorException.InvalidFilter(error.Message);
        }
    }

    private static int? ReadInteger(SandboxRequest request, string name)
    {
        if (request.Query(name) is not { } text)
            return null;
        // An integer has no size limit (RFC 7643 section 2.3.4): one beyond all users asks for no more than one that fits.
        return BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger number)
            ? (int)BigInteger.Clamp(number, int.MinValue, int.MaxValue)
            : throw ScimErrorException.InvalidValue($"{name} must be an integer.");
    }
}

/// <summary>One page of users as it will be answered.</summary>
internal sealed record UserPage(int TotalResults, int StartIndex, IReadOnlyList<StoredUser> Users)
{
    public static UserPage Of(IReadOnlyList<StoredUser> matches, int startIndex, int count) =>
        new(matches.Count, startIndex, Slice(matches, startIndex - 1, count));

    private static StoredUser[] Slice(IReadOnlyList<StoredUser> matches, int offset, int count)
    {
        // By index: skipping through an enumerator makes the last page of 100,000 users slow.
        int taken = Math.Clamp(matches.Count - offset, 0, count);
        var users = new StoredUser[taken];
        for (int i = 0; i < taken; i++)
            users[i] = matches[offset + i];
        return users;
    }
}
