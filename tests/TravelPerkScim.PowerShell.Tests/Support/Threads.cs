using System.Runtime.CompilerServices;

namespace TravelPerkScim.PowerShell.Tests.Support;

/// <summary>Tests wait for pipelines on threads of the pool, as no session does. There have to be enough of them that a stop is not
/// measured while it waits for one.</summary>
internal static class Threads
{
    private const int Enough = 32;

#pragma warning disable CA2255 // A test assembly has no entry point of its own.
    [ModuleInitializer]
#pragma warning restore CA2255
    public static void Provide() => ThreadPool.SetMinThreads(Enough, Enough);
}
