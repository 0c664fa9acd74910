using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>HMACs of an attribute's old and new value. They show whether the values changed since the review, and do not store them.
/// Redacted values have them too.</summary>
/// <param name="Old">HMAC of the target's value; of no value for a create.</param>
/// <param name="New">HMAC of the value to write; null when the value differs each time it is computed (a moment, a random text).</param>
internal sealed record ValueProof(string Old, string? New)
{
    private const int Length = 12;

    /// <summary>The proofs of all values that a computed operation writes, by attribute.</summary>
    public static Dictionary<string, ValueProof> Of(ProvisioningOperation operation, ReviewKeys keys)
    {
        var proofs = new Dictionary<string, ValueProof>(StringComparer.Ordinal);
        if (operation.Desired is { } user)
        {
            foreach (TargetAttribute attribute in operation.Send)
                proofs[attribute.Flow.TargetName] = Of(attribute, user, operation.Action == ProvisioningAction.Create, keys);
        }
        return proofs;
    }

    /// <summary>The proof of one attribute of a desired user.</summary>
    public static ValueProof Of(TargetAttribute attribute, DesiredUser user, bool creates, ReviewKeys keys)
    {
        object? value = user.Values[attribute.Slot];
        return new ValueProof(
            HashOf(attribute, user.Current?[attribute.Slot], keys),
            attribute.Flow.Volatile ? null : HashOf(attribute, creates ? attribute.OnCreate(value) : value, keys)
        );
    }

    private static string HashOf(TargetAttribute attribute, object? value, ReviewKeys keys)
    {
        byte[] key = attribute.Flow.Redacted ? keys.Redacted : keys.Salt;
        return Convert.ToBase64String(
            HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{attribute.Flow.TargetName}\n{Text(value)}")).AsSpan(0, Length)
        );
    }

    // The proof of a reference stays the same when the manager gets a TravelPerk user.
    private static string Text(object? value) =>
        value switch
        {
            null or IgnoredFlow => "null",
            SourceReference reference => $"ref {reference.Anchor}",
            string or bool => JsonSerializer.Serialize(value),
            IEnumerable list => $"[{string.Join(',', list.Cast<object?>().Select(Text))}]",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
}
