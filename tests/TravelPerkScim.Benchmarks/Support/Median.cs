namespace TravelPerkScim.Benchmarks;

internal static class MedianExtensions
{
    public static double Median(this IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
