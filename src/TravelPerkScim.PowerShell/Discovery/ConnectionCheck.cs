using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell;

/// <summary>One thing that Test-ScimConnection tried.</summary>
/// <param name="Name">What was tried.</param>
/// <param name="Passed">Whether it went as it must.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Detail">What was seen, or what went wrong and the way out.</param>
public sealed record ConnectionCheck(string Name, bool Passed, TimeSpan Elapsed, string Detail)
{
    internal Exception? Failure { get; private init; }

    internal static async Task<ConnectionCheck> RunAsync(string name, Func<Task<string>> check)
    {
        long started = TimeProvider.System.GetTimestamp();
        try
        {
            string detail = await check().ConfigureAwait(false);
            return new ConnectionCheck(name, true, TimeProvider.System.GetElapsedTime(started), detail);
        }
        catch (Exception exception) when (ErrorRecords.IsOurs(exception))
        {
            return new ConnectionCheck(name, false, TimeProvider.System.GetElapsedTime(started), exception.Message) { Failure = exception };
        }
    }
}
