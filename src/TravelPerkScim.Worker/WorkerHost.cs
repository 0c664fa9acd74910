using System.Text;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Quartz;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Worker.Jobs;
using TravelPerkScim.Worker.Log;
using TravelPerkScim.Worker.Running;
using TravelPerkScim.Worker.Settings;
using TravelPerkScim.Worker.Status;
using TravelPerkScim.Worker.Telemetry;

namespace TravelPerkScim.Worker;

/// <summary>Puts the worker together.</summary>
internal static class WorkerHost
{
    // Jobs that are due wait in the room. They hold no thread meanwhile.
    private const int MostWaiting = 1_000_000;

    // What looks at states beside cycles: the folder's watch and the notifications.
    private const int LooksAtOnce = 12;

    // Requests that are on their way are waited for.
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(30);

    /// <summary>The worker, ready to be run.</summary>
    /// <exception cref="ArgumentException">What is wrong, with the way out.</exception>
    public static WebApplication Build(WorkerOptions options)
    {
        // An empty builder: no settings file, and no environment variable that would open a port or a page of its own.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ApplicationName = WorkerMetrics.Name, ContentRootPath = AppContext.BaseDirectory }
        );
        builder.Configuration.AddEnvironmentVariables();
        builder
            .WebHost.UseKestrelCore()
            .UseUrls([.. options.Urls])
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = 0;
            });
        AddLogging(builder);
        builder.Services.AddRoutingCore();
        builder.Services.AddHealthChecks().AddCheck<JobsHealthCheck>("jobs");
        builder.Services.AddSystemd();
        builder.Services.AddWindowsService(service => service.ServiceName = "TravelPerkScim");
        AddJobs(builder, options);
        AddTelemetry(builder);

        WebApplication worker = builder.Build();
        worker.Use(next => context => worker.Services.GetRequiredService<RequestRules>().InvokeAsync(context, next));
        worker.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = HealthAnswer.WriteAsync });
        worker.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = HealthAnswer.WriteAsync });
        worker.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], ShowAsync);
        worker.Lifetime.ApplicationStarted.Register(() => worker.Logger.Listening(string.Join(", ", worker.Urls)));
        if (options is { Store: not null, Keys: null })
            worker.Lifetime.ApplicationStarted.Register(worker.Logger.NotEncrypted);
        return worker;
    }

    private static void AddJobs(WebApplicationBuilder builder, WorkerOptions options)
    {
        if (OpenStates(options) is { } states)
        {
            ProvideThreads(options.Cycles + LooksAtOnce);
            builder.Services.AddSingleton(_ => states);
            // Machines whose clocks are apart agree on when a job is due.
            options = options with
            {
                Time = states.Clock,
            };
        }
        builder
            .Services.AddSingleton(options)
            .AddSingleton(options.Time)
            .AddSingleton<JobBoard>()
            .AddSingleton(services => new JobReader(options.Time, services.GetService<SharedStates>()))
            .AddSingleton<CycleSchedule>()
            .AddSingleton<CycleRoom>()
            .AddSingleton<Drain>()
            .AddSingleton<JobRunner>()
            .AddSingleton<WorkerMetrics>()
            .AddSingleton<RequestRules>()
            .AddSingleton<StatusPage>()
            .AddSingleton(services => options.Channels ?? new ChannelOpener(services.GetRequiredService<SecretReader>(), options.Time))
            .AddSingleton<NotificationWatch>()
            .AddSingleton<KeyVaultReader>()
            .AddSingleton(services => new SecretReader(keyVault: services.GetRequiredService<KeyVaultReader>()));
        builder.Services.AddQuartz(quartz => quartz.UseInMemoryStore().UseDefaultThreadPool(MostWaiting));
        builder.Services.AddQuartzHostedService(quartz => quartz.WaitForJobsToComplete = true);
        builder.Services.AddHostedService(services => services.GetRequiredService<Drain>());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain + s_end);
        builder.Services.AddHostedService<FolderWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<NotificationWatch>());
    }

    // A transaction holds its thread while it waits for the database, and Npgsql sends all but its first statement on another thread. A
    // pool that has few threads on a small machine adds one in half a second, and until then every cycle waits.
    private static void ProvideThreads(int transactions)
    {
        ThreadPool.GetMinThreads(out int threads, out int completions);
        ThreadPool.SetMinThreads(Math.Max(threads, 2 * transactions), completions);
    }

    /// <summary>The database that keeps the states; null where each job keeps its own.</summary>
    /// <exception cref="ArgumentException">A file cannot be read or used.</exception>
    public static SharedStates? OpenStates(WorkerOptions options)
    {
        if (options.Store is not { } file)
            return null;
        KeyRing? keys = options.Keys is { } folder ? KeyRing.Open(folder, options.KeysCertificate) : null;
        try
        {
            return SharedStates.AtFileAsync(file, options.Time, keys, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is ProvisioningException or ArgumentException)
        {
            throw new ArgumentException($"--store {ShownText.Of(file)}: {e.Message}", e);
        }
    }

    // A person at a terminal reads lines, and a collector of logs JSON; systemd has a form of its own, which AddSystemd chooses.
    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Quartz", LogLevel.Warning);
#pragma warning disable RS0030 // Asks what the log is written to; writes nothing.
        if (Console.IsOutputRedirected)
#pragma warning restore RS0030
        {
            builder.Logging.AddJsonConsole(json =>
                (json.UseUtcTimestamp, json.TimestampFormat, json.IncludeScopes) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ", false)
            );
        }
        else
        {
            builder.Logging.AddSimpleConsole(line =>
                (line.SingleLine, line.UseUtcTimestamp, line.TimestampFormat) = (true, true, "yyyy-MM-dd HH:mm:ssZ ")
            );
        }
    }

    private static void AddTelemetry(WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")))
            return;
        // Spans of requests would carry addresses, and with them what a filter asks for: requests are measured, not traced.
        builder
            .Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
                resource.AddService("travelperkscim-worker", serviceVersion: typeof(WorkerHost).Assembly.GetName().Version?.ToString(3))
            )
            .WithMetrics(metrics => metrics.AddMeter(WorkerMetrics.Name, "System.Net.Http", "System.Runtime").AddOtlpExporter())
            .WithTracing(traces => traces.AddSource(WorkerMetrics.Name).AddOtlpExporter());
    }

    private static Task ShowAsync(HttpContext context, StatusPage status)
    {
        var text = new StringWriter();
        status.Write(text);
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = status.Page.ContentSecurityPolicy + "; frame-ancestors 'none'";
        return context.Response.WriteAsync(text.ToString(), Encoding.UTF8, context.RequestAborted);
    }
}
