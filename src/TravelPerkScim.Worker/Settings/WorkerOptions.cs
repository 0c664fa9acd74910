using System.Globalization;
using System.Net;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Worker.Settings;

/// <summary>What the worker was started with.</summary>
internal sealed record WorkerOptions
{
    /// <summary>How to start the worker.</summary>
    public const string Usage = """
        Runs each provisioning job of a folder that is On, at its interval, until it is stopped.

          dotnet run --project src/TravelPerkScim.Worker -- JOBS [settings]

        JOBS is the folder that holds the jobs' folders. New, changed and removed jobs are taken up within seconds.

          --cycles N          cycles under way at once over all jobs; default 4
          --urls ADDRESS      where status page and health answer; default http://127.0.0.1:5080. Several are separated by ;
                              http://0.0.0.0:5080 answers other machines too: the page has no sign-in
          --allow-host NAME   a further host name by which status page and health may be asked for; may be repeated
          --store FILE        a file with the connection string of a PostgreSQL database that keeps the states of the jobs. Workers on
                              other machines that name the same database and have the same jobs share the work
          --keys FOLDER       keys that encrypt notifications and sign-ins in that database; the same keys for each worker. Keep the
                              folder out of the database's backup
          --keys-certificate FILE
                              a certificate with its private key, in PEM, that encrypts the keys in the folder
          --sign-in JOB       lets a TravelPerk administrator sign that job in with OAuth, and ends. Needs --store and --keys
          --redirect-port N   port of the redirect address of --sign-in, when TravelPerk was told one; default: a free port
          --allow-target URI  a SCIM address beside TravelPerk's own to which an API key may be sent; may be repeated

        Start-ProvisioningJob switches a job On, and Set-ProvisioningJob -SecretFrom says where its API key is found.
        Metrics and traces are exported over OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set.
        """;

    private static readonly string[] s_urls = ["http://127.0.0.1:5080"];

    /// <summary>The folder of jobs, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>The most cycles under way at once. Default 4.</summary>
    public int Cycles { get; init; } = 4;

    /// <summary>Where status page and health answer. Default: port 5080 of the loopback.</summary>
    public IReadOnlyList<string> Urls { get; init; } = s_urls;

    /// <summary>Host names, beside localhost and addresses, by which they may be asked for.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>SCIM addresses beside TravelPerk's own to which a key may be sent.</summary>
    public IReadOnlyList<Uri> Targets { get; init; } = [];

    /// <summary>The file with the connection string of the database that keeps the states; null where each job keeps its own.</summary>
    public string? Store { get; init; }

    /// <summary>The folder of the keys that encrypt what the database keeps; null for none.</summary>
    public string? Keys { get; init; }

    /// <summary>The file with the certificate that encrypts the keys; null for none.</summary>
    public string? KeysCertificate { get; init; }

    /// <summary>The name of the job that an administrator signs in; null to run jobs.</summary>
    public string? SignIn { get; init; }

    /// <summary>Port of the redirect address of a sign-in. Default 0: a free one.</summary>
    public int RedirectPort { get; init; }

    /// <summary>How often the folder is looked at. Default 2 seconds.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Opens notification channels. Null: those of the jobs' settings, with secrets from the places that these name.</summary>
    public IChannelOpener? Channels { get; init; }

    /// <summary>Clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="ArgumentException">What is wrong, with the way out.</exception>
    public static WorkerOptions Parse(IReadOnlyList<string> arguments)
    {
        string? folder = null;
        int cycles = 4;
        string[] urls = s_urls;
        List<string> hosts = [];
        List<Uri> targets = [];
        string? store = null;
        string? keys = null;
        string? certificate = null;
        string? signIn = null;
        int redirectPort = 0;
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            switch (argument)
            {
                case "--cycles":
                    cycles =
                        int.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 64
                            ? number
                            : throw new ArgumentException("--cycles is a number from 1 to 64.");
                    break;
                case "--urls":
                    urls = [.. Value().Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
                    if (urls.Length == 0 || !urls.All(IsAddress))
                    {
                        throw new ArgumentException(
                            "--urls is an http address with a port and without a path, such as http://127.0.0.1:5080. "
                                + "The worker speaks no https; put a proxy before it."
                        );
                    }
                    break;
                case "--allow-host":
                    hosts.Add(Value());
                    break;
                case "--allow-target":
                    targets.Add(Target(Value()));
                    break;
                case "--store":
                    store = Path.GetFullPath(Value());
                    break;
                case "--keys":
                    keys = Path.GetFullPath(Value());
                    break;
                case "--keys-certificate":
                    certificate = Path.GetFullPath(Value());
                    break;
                case "--sign-in":
                    signIn = Value();
                    break;
                case "--redirect-port":
                    redirectPort = Port(Value());
                    break;
                case not null when argument.StartsWith('-') || folder is not null:
                    throw new ArgumentException($"'{ShownText.Of(argument)}' is no setting of the worker.\n\n{Usage}");
                default:
                    folder = Path.GetFullPath(arguments[i]);
                    break;
            }

            string Value() => ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{argument} needs a value.\n\n{Usage}");
        }
        if (folder is null)
            throw new ArgumentException($"Give the folder that holds the jobs' folders.\n\n{Usage}");
        if (!Directory.Exists(folder))
        {
            throw new ArgumentException(
                $"There is no folder '{ShownText.Of(folder)}'. "
                    + $"Give the folder that holds the jobs' folders; New-ProvisioningJob makes a job."
            );
        }
        if (keys is not null && store is null)
            throw new ArgumentException("--keys encrypts what the database of --store keeps. Give --store too.");
        if (certificate is not null && keys is null)
            throw new ArgumentException("--keys-certificate encrypts the keys in the folder of --keys. Give --keys too.");
        if (signIn is not null && keys is null)
            throw new ArgumentException("--sign-in keeps the job's sign-in in the database, encrypted. Give --store and --keys.");
        return new WorkerOptions
        {
            Keys = keys,
            KeysCertificate = certificate,
            SignIn = signIn,
            RedirectPort = redirectPort,
            Folder = Path.TrimEndingDirectorySeparator(folder),
            Cycles = cycles,
            Hosts = hosts,
            Targets = targets,
            Store = store,
            Urls = urls,
        };
    }

    private static int Port(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65535
            ? port
            : throw new ArgumentException("--redirect-port is a number from 1 to 65535.");

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
}
