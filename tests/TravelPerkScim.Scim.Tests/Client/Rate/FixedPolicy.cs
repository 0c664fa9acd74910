using System.Globalization;

namespace TravelPerkScim.Scim.Tests.Client.Rate;

/// <summary>A client that adapts to nothing: callers that send one request after the other, and wait when a server asks for it.</summary>
/// <param name="Callers">How many.</param>
/// <param name="Pace">Requests per second that they send at most, evenly; infinite when nothing but the answers holds them back.</param>
/// <param name="Together">A caller that is asked to wait holds all of them.</param>
internal sealed record FixedPolicy(int Callers, double Pace, bool Together)
{
    // What a client waits that is not told how long.
    private const double Untold = 0.5;

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Callers} callers{(double.IsPositiveInfinity(Pace) ? "" : $" at {Pace:0.##}/s")}, "
                + $"{(Together ? "waiting together" : "each waiting alone")}"
        );

    /// <summary>Seconds until so many requests are answered.</summary>
    public double Run(Limiter limiter, RetryAfterForm form, double latency, int requests)
    {
        var events = new PriorityQueue<(bool Answer, double? Wait), (double At, long Number)>();
        double open = 0,
            slot = 0;
        long number = 0;
        for (int caller = 0; caller < Callers; caller++)
            events.Enqueue((false, null), (0, number++));
        while (true)
        {
            events.TryDequeue(out (bool Answer, double? Wait) next, out (double At, long Number) when);
            double now = when.At;
            if (!next.Answer && Math.Max(open, slot) > now + 1e-9)
            {
                events.Enqueue(next, (Math.Max(open, slot), number++));
            }
            else if (!next.Answer)
            {
                slot = now + (1 / Pace);
                events.Enqueue((true, limiter.Refuse(now)), (now + latency, number++));
            }
            else if (next.Wait is { } wait)
            {
                double again = RetryAfter.At(form, now, wait) ?? now + Untold;
                if (Together)
                    open = Math.Max(open, again);
                events.Enqueue((false, null), (again, number++));
            }
            else
            {
                limiter.Answered();
                if (--requests == 0)
                    return now;
                events.Enqueue((false, null), (now, number++));
            }
        }
    }
}
