using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Benchmarks;

/// <summary>A sandbox in a process of its own, so that the CPU time of this process is the client's.</summary>
internal sealed class SandboxProcess : IDisposable
{
    private const int PageSize = 1000;

    private readonly Process _process;

    public SandboxProcess()
    {
        _process = ChildProcess.Start("sandbox");
        string[] told = _process.StandardOutput.ReadLine()!.Split(' ');
        BaseUri = new Uri(told[0]);
        foreach (char letter in told[1])
            Key.AppendChar(letter);
    }

    public Uri BaseUri { get; }

    public SecureString Key { get; } = new();

    /// <summary>The bodies that create the users whom the sandbox has.</summary>
    public async Task<byte[][]> ReadBodiesAsync()
    {
        using var http = new HttpClient { BaseAddress = BaseUri };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ApiKey", SecretText.Reveal(Key));
        http.DefaultRequestHeaders.Add("Api-Version", "1");
        var bodies = new List<byte[]>();
        while (true)
        {
            string page = await http.GetStringAsync(
                string.Create(CultureInfo.InvariantCulture, $"Users?startIndex={bodies.Count + 1}&count={PageSize}")
            );
            JsonArray users = JsonNode.Parse(page)!["Resources"]!.AsArray();
            if (users.Count == 0)
                return [.. bodies];
            bodies.AddRange(users.Select(user => InitialCycle.Body(user!.AsObject())));
        }
    }

    /// <summary>In the child: a sandbox until the parent closes the child's input.</summary>
    public static void Serve()
    {
        var sandbox = TravelPerkSandbox.Start(new SandboxOptions { PageCap = PageSize });
        try
        {
            using SecureString key = sandbox.GetApiKey();
            Console.WriteLine($"{sandbox.BaseUri} {SecretText.Reveal(key)}");
            Console.In.ReadToEnd();
        }
        finally
        {
            sandbox.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        Key.Dispose();
    }
}
