using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>The plan that an operation was computed in.</summary>
/// <param name="Job">The plan's job.</param>
/// <param name="CycleId">The plan's id.</param>
/// <param name="Made">When the plan was made, UTC.</param>
/// <param name="Fingerprint">Fingerprint of the mapping and the scope that the plan was computed with.</param>
/// <param name="Keys">The job's keys. Before the first cycle they are new and not stored yet.</param>
/// <param name="Dialect">The target's dialect as it was known when the plan was made.</param>
internal sealed record ReviewedOrigin(
    ProvisioningJob Job,
    Guid CycleId,
    DateTimeOffset Made,
    string Fingerprint,
    ReviewKeys Keys,
    ScimDialect Dialect
) : PlanOrigin(Job.Path, Fingerprint, Dialect)
{
    /// <summary>The origin of an operation; null when the operation comes from a file.</summary>
    public static ReviewedOrigin? Of(ProvisioningOperation operation) => operation.Origin as ReviewedOrigin;

    /// <summary>A key that tells the plans of one job from those of another, without showing the salt.</summary>
    public static string KeyOf(byte[] salt) => Convert.ToBase64String(HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes("plan of"))[..12]);
}

/// <summary>The parts of an operation in a plan file that the operation itself does not show.</summary>
/// <param name="Header">The file's header.</param>
/// <param name="Entry">The operation as it stands in the file.</param>
/// <param name="Request">The request in the file.</param>
internal sealed record ImportedOperation(PlanDocument Header, PlanEntry Entry, ProvisioningRequest? Request) : SavedForm(Request)
{
    /// <summary>The file's form of an operation; null when the operation was computed.</summary>
    public static ImportedOperation? Of(ProvisioningOperation operation) => operation.Saved as ImportedOperation;

    /// <summary>The change of a group, computed or from a file; null for an operation on a user.</summary>
    public static GroupReview? GroupOf(ProvisioningOperation operation) =>
        Of(operation) is { } imported ? imported.Entry.Group : GroupReview.Of(operation);

    /// <summary>The proofs of all values that an operation writes, by attribute, computed or from a file.</summary>
    public static Dictionary<string, ValueProof> ProofsOf(ProvisioningOperation operation, ReviewKeys keys) =>
        Of(operation) is { } imported
            ? imported.Entry.Changes.ToDictionary(c => c.Attribute, c => new ValueProof(c.OldProof, c.NewProof), StringComparer.Ordinal)
            : ValueProof.Of(operation, keys);
}
