using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Benchmarks;

/// <summary>A bare HttpClient that posts ready-made bodies, in any order, as many at once as a job does.</summary>
internal static class BarePosts
{
    /// <summary>Posts at once: as many as a job begins with.</summary>
    public const int AtOnce = 8;

    /// <returns>Seconds.</returns>
    public static async Task<double> RunAsync(byte[][] bodies, Uri target, SecureString key)
    {
        using var http = new HttpClient { BaseAddress = target };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ApiKey", SecretText.Reveal(key));
        http.DefaultRequestHeaders.Add("Api-Version", "1");
        long began = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            bodies,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (body, cancellationToken) =>
            {
                using var content = new ByteArrayContent(body)
                {
                    Headers = { ContentType = new MediaTypeHeaderValue("application/scim+json") },
                };
                using HttpResponseMessage response = await http.PostAsync("Users", content, cancellationToken);
                response.EnsureSuccessStatusCode();
            }
        );
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
