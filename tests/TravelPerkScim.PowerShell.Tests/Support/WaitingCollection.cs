[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]

namespace TravelPerkScim.PowerShell.Tests.Support;

/// <summary>Tests that mostly wait, for processes of their own or for late answers. They run beside the others. All tests share the
/// environment of this process, so those of one kind come one after the other, and a test that changes PATH is here together with those
/// that read it.</summary>
internal static class WaitingCollection
{
    public const string Name = "Waiting";
}
