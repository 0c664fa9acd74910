using TravelPerkScim.Operations.Channels;

namespace TravelPerkScim.Worker.Settings;

/// <summary>What the worker was started with.</summary>
internal sealed record WorkerOptions
{
    /// <summary>How to start the worker.</summary>
    public const string Usage = """
        Runs each provisioning job of a folder that is On, at its interval, until it is stopped.

          dotnet run --project src/TravelPerkScim.Worker -- JOBS [settings]

        JOBS is the folder that holds the jobs' folders. New, changed and removed jobs are taken up within seconds.

          --cycles N          cycles under way at once over all jobs; default 4. Long cycles get at most half of them
          --tenant-cycles N   cycles under way at once over the jobs of one Entra tenant; default: as many as --cycles
          --drain-seconds N   how long cycles under way may go on when the worker is stopped, 0 to 86400; default 0: they stop within a
                              request's time. No cycle begins meanwhile
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

    /// <summary>The most cycles under way at once over the jobs of one Entra tenant. Default: no limit but <see cref="Cycles"/>.</summary>
    public int TenantCycles { get; init; } = int.MaxValue;

    /// <summary>How long the cycles under way may go on when the worker is stopped. Default 0.</summary>
    public TimeSpan Drain { get; init; }

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
    public static WorkerOptions Parse(IReadOnlyList<string> arguments) => WorkerArguments.Read(arguments);
}
