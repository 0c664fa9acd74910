namespace TravelPerkScim.Entra.Http;

/// <summary>What a request reads, which says what it takes to be allowed to.</summary>
internal enum GraphNeed
{
    Users,
    Groups,
    Applications,
}
