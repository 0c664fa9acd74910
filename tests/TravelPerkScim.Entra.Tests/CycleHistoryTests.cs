using System.Text.Json.Nodes;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Mapping;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Record;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Entra.Tests;

/// <summary>From Graph to TravelPerk, over two real sockets.</summary>
public sealed class CycleHistoryTests
{
    /// <summary>However the changes came, the target holds in the end what a first cycle over the same directory would make of an empty one.</summary>
    [Theory]
    [InlineData(1, 12)]
    [InlineData(101, 12)]
    public async Task Incremental_cycles_end_where_a_full_read_would(int firstSeed, int histories)
    {
        for (int seed = firstSeed; seed < firstSeed + histories; seed++)
        {
            var random = new Random(seed);
            await using var bench = new EntraBench();
            GraphBehavior behavior = bench.Graph.Behavior;
            behavior.Shuffle = new Random(seed);
            behavior.Repeats = random.Next(3) * 0.3;
            behavior.Replay = random.Next(3) * 4;
            behavior.ChangedPropertiesOnly = random.Next(2) == 0;
            behavior.PageCap = random.Next(2, 12);
            behavior.ThrottleEvery = random.Next(2) * 7;
            var edits = new DirectoryEdits(bench, random);
            edits.Make(25);
            await using var target = new Target(bench);
            for (int cycle = 0; cycle < 4; cycle++)
            {
                await target.RunAsync();
                edits.Make(random.Next(8));
                if (random.Next(6) == 0)
                    bench.Graph.ExpireTokens("users");
            }
            await target.RunAsync();
            long before = target.Requests;
            await target.RunAsync();
            await using var fresh = new Target(bench);
            await fresh.RunAsync();

            Assert.True(fresh.Active().SequenceEqual(target.Active()), $"seed {seed}:\n{string.Join('\n', target.Active())}\nis not\n{string.Join('\n', fresh.Active())}");
            Assert.Equal(before, target.Requests);
        }
    }

    private sealed class Target : IAsyncDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("entra-cycle-").FullName;
        private readonly TravelPerkSandbox _sandbox = TravelPerkSandbox.Start(new SandboxOptions());
        private readonly ScimCredential _credential;
        private readonly ScimClient _client;
        private readonly ProvisioningEngine _engine;

        public Target(EntraBench bench)
        {
            using System.Security.SecureString key = _sandbox.GetApiKey();
            _credential = ScimCredential.ApiKey(key);
            _client = new ScimClient(new ScimClientOptions { BaseUri = _sandbox.BaseUri }, _credential);
            var settings = new JobSettings
            {
                Source = new JobSource(JobSourceType.Entra, TenantId: "contoso.com", Application: bench.Application.Id),
                Target = _sandbox.BaseUri,
                DeleteThreshold = 1000,
                DeleteThresholdShare = 1,
            };
            _engine = new ProvisioningEngine(ProvisioningJob.Create(Path.Combine(_folder, "job"), settings, SynchronizationSchema.Default), _client, bench.Source);
        }

        public long Requests => _client.RequestCount;

        public async Task RunAsync(Guid? approve = null)
        {
            var options = new CycleOptions { ApproveCycle = approve };
            ProvisioningPlan plan = await _engine.PlanAsync(options, default);
            bool staged = false;
            await foreach (ProvisioningOutcome outcome in _engine.ApplyAsync(plan, options, default))
            {
                // When nobody is entitled any more, somebody has to say so.
                staged |= outcome.Status == OutcomeStatus.Staged && approve is null;
                Assert.True(outcome.Status == OutcomeStatus.Success || staged, $"{outcome.Action} {outcome.Identity}: {outcome.Reason}");
            }
            if (staged)
                await RunAsync(plan.CycleId);
        }

        /// <summary>Active users: source id, userName, title, and the source id of an active manager.</summary>
        public List<string> Active()
        {
            List<JsonObject> users = [.. _sandbox.Users.Where(u => (bool)u["active"]!)];
            Dictionary<string, string> anchors = users.ToDictionary(u => (string)u["id"]!, u => (string)u["externalId"]!);
            return [.. users.Select(u => $"{u["externalId"]} {u["userName"]} {u["title"]} {anchors.GetValueOrDefault((string?)u[TravelPerkSchema.EnterpriseUser]?["manager"]?["value"] ?? "")}").Order(StringComparer.Ordinal)];
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            _credential.Dispose();
            await _sandbox.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
