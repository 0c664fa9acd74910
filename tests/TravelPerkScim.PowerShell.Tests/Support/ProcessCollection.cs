[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]

namespace TravelPerkScim.PowerShell.Tests.Support;

/// <summary>Tests of processes of their own, which run beside the others. The others share the environment of this process and come one after
/// the other.</summary>
internal static class ProcessCollection
{
    public const string Name = "Processes";
}
