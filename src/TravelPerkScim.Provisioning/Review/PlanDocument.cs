using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>A plan file: a header, and independent operations. An operation can be taken out, and the others stay valid.</summary>
internal sealed record PlanDocument
{
    public const string FormatName = "TravelPerkScim provisioning plan";
    public const int CurrentVersion = 2;

    public required string Format { get; init; }

    public required int Version { get; init; }

    /// <summary>The job's name, for people.</summary>
    public required string Job { get; init; }

    /// <summary>Tells this job from other jobs.</summary>
    public required string JobKey { get; init; }

    public required Guid CycleId { get; init; }

    public required Uri Target { get; init; }

    public required DateTimeOffset Made { get; init; }

    /// <summary>Fingerprint of mapping and scope.</summary>
    public required string Mapping { get; init; }

    public IReadOnlyList<PlanEntry> Operations { get; init; } = [];

    /// <summary>A keyed digest of the header, of everything that the entry shows, and of the proofs of its values. A person who changes any
    /// of them cannot compute a new digest.</summary>
    public string DigestOf(PlanEntry entry, byte[] salt)
    {
        byte[] shown = PlanJson.Canonical(new { Header = this with { Operations = [] }, Entry = entry with { Digest = null } });
        return Convert.ToBase64String(HMACSHA256.HashData(salt, shown));
    }
}

/// <summary>One operation in a plan file.</summary>
internal sealed record PlanEntry
{
    public required ProvisioningAction Action { get; init; }

    public required string Identity { get; init; }

    public required string SourceId { get; init; }

    public string? TargetId { get; init; }

    public required string Reason { get; init; }

    public string? Problem { get; init; }

    public string? ProblemCode { get; init; }

    public bool Staged { get; init; }

    /// <summary>The operation's place among the user's operations; null for the user's own operation.</summary>
    public OperationPart? Part { get; init; }

    public ProvisioningDrift Drift { get; init; }

    public IReadOnlyList<PlanChange> Changes { get; init; } = [];

    /// <summary>The change of a group; null for an operation on a user.</summary>
    public GroupReview? Group { get; init; }

    public PlanRequest? Request { get; init; }

    public string? Digest { get; init; }

    /// <summary>The entry has all that a file may have lost, and each attribute once.</summary>
    public bool IsComplete() =>
        this is { Identity: not null, SourceId: not null, Reason: not null, Changes: not null }
        && Changes.All(change => change is { Attribute: not null, OldProof: not null })
        && Changes.DistinctBy(change => change.Attribute).Count() == Changes.Count;

    public static PlanEntry Of(ProvisioningOperation operation, ReviewKeys keys)
    {
        Dictionary<string, ValueProof> proofs = ValueProof.Of(operation, keys);
        return new PlanEntry
        {
            Action = operation.Action,
            Identity = operation.Identity,
            SourceId = operation.SourceId,
            TargetId = operation.TargetId,
            Reason = operation.Reason,
            Problem = operation.Problem,
            ProblemCode = operation.ProblemCode,
            Staged = operation.Staged,
            Part = operation.Part == OperationPart.Whole ? null : operation.Part,
            Drift = operation.Drift,
            // The ids of the members prove a group's changes.
            Changes =
            [
                .. operation.Changes.Select(c =>
                    operation.Group is null
                        ? new PlanChange(c.Attribute, c.OldValue, c.NewValue, proofs[c.Attribute].Old, proofs[c.Attribute].New)
                        : new PlanChange(c.Attribute, c.OldValue, c.NewValue, "", null)
                ),
            ],
            Group = GroupReview.Of(operation),
            Request = operation.Request is { } request ? PlanRequest.Of(request) : null,
        };
    }

    public ProvisioningOperation ToOperation(PlanDocument header) =>
        new()
        {
            ObjectType = Group is null ? ProvisioningObjectType.User : ProvisioningObjectType.Group,
            Action = Action,
            Identity = Identity,
            SourceId = SourceId,
            TargetId = TargetId,
            Reason = Reason,
            Problem = Problem,
            ProblemCode = ProblemCode,
            Staged = Staged,
            Part = Part ?? OperationPart.Whole,
            Drift = Drift,
            Changes = [.. Changes.Select(c => new AttributeChange(c.Attribute, c.OldValue, c.NewValue))],
            Saved = new ImportedOperation(header, this, Request?.ToRequest()),
        };
}

/// <summary>One attribute in a plan file, with the proofs of its unredacted values.</summary>
internal sealed record PlanChange(string Attribute, string? OldValue, string? NewValue, string OldProof, string? NewProof);

/// <summary>A request in a plan file, its body as JSON that a reviewer can read.</summary>
internal sealed record PlanRequest(string Method, string Path, JsonElement? Body)
{
    private static readonly JsonSerializerOptions s_body = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static PlanRequest Of(ProvisioningRequest request) =>
        new(request.Method, request.Path, request.Body is null ? null : JsonSerializer.Deserialize<JsonElement>(request.Body));

    public ProvisioningRequest ToRequest() => new(Method, Path, Body is { } body ? JsonSerializer.Serialize(body, s_body) : null);
}
