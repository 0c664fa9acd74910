using System.Security.Cryptography;
using TravelPerkScim.Postgres;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>Gives another text each time, as keys do.</summary>
internal sealed class TurnedKeys : IStoreKeys
{
    public string Name => "the keys of the test";

    public byte[] Protect(string kind, string job, byte[] value) => [.. RandomNumberGenerator.GetBytes(8), .. value.Reverse()];

    public byte[] Unprotect(string kind, string job, byte[] value) => [.. value.Skip(8).Reverse()];
}
