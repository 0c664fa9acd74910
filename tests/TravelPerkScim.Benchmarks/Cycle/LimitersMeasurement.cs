using System.Globalization;
using TravelPerkScim.Scim.Client.Rate;
using TravelPerkScim.Scim.Tests.Client.Rate;

namespace TravelPerkScim.Benchmarks;

/// <summary>Eight callers on servers with limits of ten kinds, in virtual time, beside the fixed policy that suits each server
/// best.</summary>
internal sealed class LimitersMeasurement : IMeasurement
{
    public string Verb => "limiters";

    public string Summary => "Ten kinds of limits, beside the best fixed policy for each, in virtual time.";

    public IReadOnlyList<Figure> Run(Arguments arguments) =>
        [.. LimiterCase.All.Select(limiter => RunAsync(limiter).GetAwaiter().GetResult())];

    private static async Task<Figure> RunAsync(LimiterCase limiter)
    {
        (FixedPolicy policy, double best) = limiter.Best();
        (double seconds, ScimRate rate) = await limiter.RunAsync();
        return new Figure(
            "limiters." + limiter.Name.Replace(' ', '-'),
            best / seconds,
            "of the best fixed policy",
            Goal.NoLessThan(0.9),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{limiter.Requests} requests in {seconds:0} s with {rate.TooManyRequests} refusals; {policy}: {best:0} s"
            )
        );
    }
}
