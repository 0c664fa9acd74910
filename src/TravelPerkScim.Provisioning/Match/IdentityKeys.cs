using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>
/// Keyed hashes of the values that tell users apart (the matching attributes, externalId and userName), 6 bytes each. The hashes find a
/// user in the target again, and show no value. In one of 140 jobs with a million users, two users have a key in common by chance. A user
/// who is found by a key is read and compared before anything is written.
/// </summary>
internal sealed class IdentityKeys(BoundMapping bound, byte[] salt)
{
    private readonly TargetAttribute[] _attributes =
    [
        .. bound
            .Matching.Concat(bound.Attributes.Where(a => a.IsCore("externalId")))
            .Concat(bound.Attributes.Where(a => a.IsCore("userName")))
            .Distinct(),
    ];

    /// <summary>Place of externalId in the keys; -1 when it is not mapped.</summary>
    public int ExternalId => Array.FindIndex(_attributes, a => a.IsCore("externalId"));

    public int Count => _attributes.Length;

    /// <summary>One key for each attribute; zeros where there is no value.</summary>
    public byte[] Of(object?[] values)
    {
        byte[] keys = new byte[_attributes.Length * StoredKeys.Size];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        for (int i = 0; i < _attributes.Length; i++)
        {
            if (MatchKey.In(values, _attributes[i]) is not { } key)
                continue;
            SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes($"{_attributes[i].Flow.TargetName}\n{key}")], hash);
            hash[..StoredKeys.Size].CopyTo(keys.AsSpan(i * StoredKeys.Size));
        }
        return keys;
    }

    /// <summary>The two users agree in a value that tells users apart, or the second user has no such value. The comparison needs no hash:
    /// hashes would cost time for nearly every created user.</summary>
    public bool MayAgree(object?[] values, object?[] seen)
    {
        bool any = false;
        foreach (TargetAttribute attribute in _attributes)
        {
            if (MatchKey.In(seen, attribute) is not { } key)
                continue;
            any = true;
            if (key == MatchKey.In(values, attribute))
                return true;
        }
        return !any;
    }
}
