using System.Net;
using System.Text;
using TravelPerkScim.Sandbox.Transport;

namespace TravelPerkScim.Worker.Tests;

/// <summary>What a collector of metrics and traces receives.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Metrics_and_traces_name_jobs_and_results_and_never_a_user()
    {
        await using var folder = new JobFolder();
        folder.Add("contoso", users: 4);
        await using var collector = new Collector();
        await using (
            WorkerProcess worker = folder.Start(
                environment: new Dictionary<string, string>
                {
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address.AbsoluteUri,
                    ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                }
            )
        )
        {
            await worker.LoggedAsync(6, "contoso");
            worker.Terminate();
            Assert.Equal((0, ""), await worker.ExitAsync());
        }
        string received = collector.Received;

        string[] names =
        [
            "travelperkscim.cycle.duration",
            "travelperkscim.cycle.active",
            "travelperkscim.object.changes",
            "travelperkscim.escrow.size",
            "travelperkscim.quarantine",
            "travelperkscim.deletes.staged",
            "travelperkscim.watermark.age",
            "http.client.request.duration",
            "contoso",
            "create",
            "success",
        ];
        Assert.All(names, name => Assert.Contains(name, received, StringComparison.Ordinal));
        Assert.DoesNotContain("zoe", received, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Secret", received, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("00000000-0000-4000-8000", received, StringComparison.Ordinal);
    }

    /// <summary>Takes OTLP over HTTP and keeps its bytes.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly LoopbackListener _listener = LoopbackListener.Open(port: null);
        private readonly MemoryStream _received = new();

        public Collector() => _listener.Serve(ReceiveAsync);

        public Uri Address => _listener.Root;

        public string Received
        {
            get
            {
                lock (_received)
                    return Encoding.Latin1.GetString(_received.ToArray());
            }
        }

        public ValueTask DisposeAsync() => _listener.DisposeAsync();

        private async Task ReceiveAsync(HttpListenerContext context, CancellationToken stopping)
        {
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body, stopping);
            lock (_received)
                body.WriteTo(_received);
            context.Response.Close();
        }
    }
}
