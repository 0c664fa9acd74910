using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>The plan that an operation was computed in.</summary>
/// <param name="Job">Whose it is.</param>
/// <param name="CycleId">The plan's id.</param>
/// <param name="Made">When, UTC.</param>
/// <param name="Fingerprint">The mapping and scope it was computed with, reduced.</param>
/// <param name="Keys">The job's keys; before the first cycle ones that nothing has stored yet.</param>
/// <param name="Dialect">What was known of the target when the plan was made.</param>
internal sealed record ReviewedOrigin(
    ProvisioningJob Job,
    Guid CycleId,
    DateTimeOffset Made,
    string Fingerprint,
    ReviewKeys Keys,
    ScimDialect Dialect
) : PlanOrigin(Job.Path, Fingerprint, Dialect)
{
    /// <summary>The mark of an operation; null when it comes from a file.</summary>
    public static ReviewedOrigin? Of(ProvisioningOperation operation) => operation.Origin as ReviewedOrigin;

    /// <summary>Tells the plans of one job from those of another without telling the salt.</summary>
    public static string KeyOf(byte[] salt) => Convert.ToBase64String(HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes("plan of"))[..12]);
}

/// <summary>What a plan file holds of an operation beyond what the operation shows.</summary>
/// <param name="Header">The file's header.</param>
/// <param name="Entry">The operation as it stands in the file.</param>
/// <param name="Request">The request it shows.</param>
internal sealed record ImportedOperation(PlanDocument Header, PlanEntry Entry, ProvisioningRequest? Request) : SavedForm(Request)
{
    /// <summary>What the file holds of an operation; null when the operation was computed.</summary>
    public static ImportedOperation? Of(ProvisioningOperation operation) => operation.Saved as ImportedOperation;

    /// <summary>What an operation does to a group, computed or from a file; null when it is a user's.</summary>
    public static GroupReview? GroupOf(ProvisioningOperation operation) =>
        Of(operation) is { } imported ? imported.Entry.Group : GroupReview.Of(operation);

    /// <summary>The proofs of everything that an operation writes, by attribute, computed or from a file.</summary>
    public static Dictionary<string, ValueProof> ProofsOf(ProvisioningOperation operation, ReviewKeys keys) =>
        Of(operation) is { } imported
            ? imported.Entry.Changes.ToDictionary(c => c.Attribute, c => new ValueProof(c.OldProof, c.NewProof), StringComparer.Ordinal)
            : ValueProof.Of(operation, keys);
}
