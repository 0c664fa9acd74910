using System.Security;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;

namespace TravelPerkScim.Sandbox.Settings;

/// <summary>How the sandbox behaves. Every default is a TravelPerk without surprises.</summary>
public sealed record SandboxOptions
{
    /// <summary>The API key clients must send. Default: a random one, handed out by <see cref="TravelPerkSandbox.GetApiKey"/>.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>Port on 127.0.0.1, from 1 to 65535. Default null: a free one.</summary>
    public int? Port { get; init; }

    /// <summary>Tokens accepted as <c>Authorization: Bearer</c>. Default: none.</summary>
    public IReadOnlyList<SecureString> BearerTokens { get; init; } = [];

    /// <summary>Id of the OAuth client. Default <c>sandbox-client</c>.</summary>
    public string ClientId { get; init; } = "sandbox-client";

    /// <summary>Secret of the OAuth client. Default: a random one, handed out by <see cref="TravelPerkSandbox.GetClientSecret"/>.</summary>
    public SecureString? ClientSecret { get; init; }

    /// <summary>How long an OAuth access token works. Default 1 hour.</summary>
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Most users on one page, whatever <c>count</c> asks for; <c>filter.maxResults</c> of the service's configuration. Default
    /// 50, as Perk publishes it.</summary>
    public int PageCap { get; init; } = 50;

    /// <summary>Users on a page when the request has no <c>count</c>. Default 25.</summary>
    public int DefaultPageSize { get; init; } = 25;

    /// <summary>Requests per second; more are answered with 429 and <c>Retry-After</c>. Default null: no limit.</summary>
    public double? RateLimit { get; init; }

    /// <summary>Requests at once before <see cref="RateLimit"/> is felt. Default null: one second's worth.</summary>
    public int? RateLimitBurst { get; init; }

    /// <summary>Requests under way at once; more are answered with 503 and no <c>Retry-After</c>, as by a server whose workers are all
    /// busy. Default null: no limit.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>How long every answer is held back, as a server far away would. Default: not at all.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Cost centres by exact name; others are refused. Default null: any name is accepted.</summary>
    public IReadOnlyCollection<string>? CostCenters { get; init; }

    /// <summary>Travel policies by exact name; others are refused. Default null: any name is accepted.</summary>
    public IReadOnlyCollection<string>? TravelPolicies { get; init; }

    /// <summary>Invoice profiles by exact name; others are refused. Default null: any name is accepted.</summary>
    public IReadOnlyCollection<string>? InvoiceProfiles { get; init; }

    /// <summary>TravelPerk's "Enable automatic approval process creation": a manager becomes the approver. Default false.</summary>
    public bool CreateApprovalProcesses { get; init; }

    /// <summary>
    /// Further schema documents (RFC 7643 section 7) of users: extensions, or attributes and sub-attributes of the core schema that
    /// TravelPerk does not publish. <c>/Schemas</c> lists them; their values are kept and returned as their mutability and
    /// <c>returned</c> say. Whether one is required is published and not held to, since the users of
    /// <see cref="TravelPerkSandbox.Seed"/> have none. Default: none.
    /// </summary>
    public IReadOnlyCollection<JsonObject> Schemas { get; init; } = [];

    /// <summary>Perk's expense extension as a document for <see cref="Schemas"/>: policyId, creditor, legalEntityId, approvalThreshold,
    /// ignoreManagerInRequests. A new copy each time.</summary>
    public static JsonObject ExpenseSchema => SchemaDefinition.Expense;

    /// <summary>Publishes the resource type Group and <c>/Groups</c>, which TravelPerk itself does not. Default false.</summary>
    public bool Groups { get; init; }

    /// <summary>Clock for <c>meta</c>, tokens, the rate limit and held-back answers. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Seed of the made-up users of <see cref="TravelPerkSandbox.Seed"/>. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Hostile behaviours on from the start, with their default numbers. Default: none.</summary>
    public IReadOnlyCollection<SandboxBehavior> Behaviors { get; init; } = [];

    /// <summary>
    /// Attributes of users that are accepted but not kept (<see cref="SandboxBehavior.ValuesNotKept"/> is then on): <c>title</c>,
    /// <c>name.givenName</c>, an attribute with its schema's URN, or an extension's URN.
    /// Default: none; the behaviour switched on without any does not keep <c>name.givenName</c> and the manager.
    /// </summary>
    public IReadOnlyCollection<string> NotKept { get; init; } = [];

    /// <exception cref="ArgumentOutOfRangeException">A number that no server could keep to.</exception>
    /// <exception cref="ArgumentException">An attribute that users do not have, or a schema that is none.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(ClientId);
        ArgumentOutOfRangeException.ThrowIfLessThan(AccessTokenLifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(PageCap, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DefaultPageSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Latency, TimeSpan.Zero);
        if (RateLimit is { } limit and not (> 0 and < double.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(RateLimit), limit, "RateLimit must be above 0 requests per second.");
        if (RateLimitBurst is { } burst)
            ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1, nameof(RateLimitBurst));
        if (ConcurrencyLimit is { } atOnce)
            ArgumentOutOfRangeException.ThrowIfLessThan(atOnce, 1, nameof(ConcurrencyLimit));
    }
}
