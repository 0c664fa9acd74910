using System.Globalization;
using System.Net;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Worker.Settings;

/// <summary>Reads the words after the worker's name.</summary>
internal static class WorkerArguments
{
    private const int MostCycles = 64;

    // A day, in seconds.
    private const int LongestDrain = 86_400;

    private static readonly Dictionary<string, Func<WorkerOptions, Setting, WorkerOptions>> s_settings = new(StringComparer.Ordinal)
    {
        ["--cycles"] = (options, given) => options with { Cycles = given.Number(1, MostCycles) },
        ["--tenant-cycles"] = (options, given) => options with { TenantCycles = given.Number(1, MostCycles) },
        ["--drain-seconds"] = (options, given) => options with { Drain = TimeSpan.FromSeconds(given.Number(0, LongestDrain)) },
        ["--urls"] = (options, given) => options with { Urls = Addresses(given.Value) },
        ["--allow-host"] = (options, given) => options with { Hosts = [.. options.Hosts, given.Value] },
        ["--allow-target"] = (options, given) => options with { Targets = [.. options.Targets, Target(given.Value)] },
        ["--store"] = (options, given) => options with { Store = Path.GetFullPath(given.Value) },
        ["--keys"] = (options, given) => options with { Keys = Path.GetFullPath(given.Value) },
        ["--keys-certificate"] = (options, given) => options with { KeysCertificate = Path.GetFullPath(given.Value) },
        ["--sign-in"] = (options, given) => options with { SignIn = given.Value },
        ["--redirect-port"] = (options, given) => options with { RedirectPort = given.Number(1, IPEndPoint.MaxPort) },
    };

    /// <exception cref="ArgumentException">What is wrong, with the way out.</exception>
    public static WorkerOptions Read(IReadOnlyList<string> words)
    {
        var options = new WorkerOptions { Folder = "" };
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (s_settings.TryGetValue(word, out Func<WorkerOptions, Setting, WorkerOptions>? read))
                options = read(options, new Setting(word, ++i < words.Count ? words[i] : throw Wrong($"{word} needs a value.")));
            else if (word.StartsWith('-') || options.Folder.Length > 0)
                throw Wrong($"'{ShownText.Of(word)}' is no setting of the worker.");
            else
                options = options with { Folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(word)) };
        }
        CheckFolder(options.Folder);
        CheckKeys(options);
        return options;
    }

    private static void CheckFolder(string folder)
    {
        if (folder.Length == 0)
            throw Wrong("Give the folder that holds the jobs' folders.");
        if (!Directory.Exists(folder))
        {
            throw new ArgumentException(
                $"There is no folder '{ShownText.Of(folder)}'. "
                    + $"Give the folder that holds the jobs' folders; New-ProvisioningJob makes a job."
            );
        }
    }

    private static void CheckKeys(WorkerOptions options)
    {
        if (options is { Keys: not null, Store: null })
            throw new ArgumentException("--keys encrypts what the database of --store keeps. Give --store too.");
        if (options is { KeysCertificate: not null, Keys: null })
            throw new ArgumentException("--keys-certificate encrypts the keys in the folder of --keys. Give --keys too.");
        if (options is { SignIn: not null, Keys: null })
            throw new ArgumentException("--sign-in keeps the job's sign-in in the database, encrypted. Give --store and --keys.");
    }

    private static ArgumentException Wrong(string problem) => new($"{problem}\n\n{WorkerOptions.Usage}");

    private static string[] Addresses(string value)
    {
        string[] urls = value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return urls.Length > 0 && urls.All(IsAddress)
            ? urls
            : throw new ArgumentException(
                "--urls is an http address with a port and without a path, such as http://127.0.0.1:5080. "
                    + "The worker speaks no https; put a proxy before it."
            );
    }

    private static bool IsAddress(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? uri)
        && uri is { Scheme: "http", AbsolutePath: "/", Query: "", UserInfo: "" }
        && (uri.IsLoopback || IPAddress.TryParse(uri.Host, out _));

    private static Uri Target(string value)
    {
        try
        {
            var target = new Uri(value, UriKind.Absolute);
            ScimClient.CheckBaseUri(target);
            return target;
        }
        catch (Exception e) when (e is UriFormatException or ScimException)
        {
            throw new ArgumentException($"--allow-target '{ShownText.Of(value)}' is no SCIM address: {e.Message}", e);
        }
    }

    /// <summary>A setting as it was given.</summary>
    private sealed record Setting(string Name, string Value)
    {
        /// <exception cref="ArgumentException">The value is no such number.</exception>
        public int Number(int least, int most) =>
            int.TryParse(Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
                ? number
                : throw new ArgumentException($"{Name} is a number from {least} to {most}.");
    }
}
