using System.Security.Cryptography;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Benchmarks;

/// <summary>A job whose made-up users are all linked and in their desired state, as after a long life; it takes no server and no cycle to
/// make.</summary>
internal static class LinkedJob
{
    private const int Batch = 10_000;

    /// <summary>Nothing listens there, so a cycle that sends a request fails.</summary>
    private static readonly Uri s_nowhere = new("http://127.0.0.1:9/api/v2/scim/");

    public static void Create(string folder, int users, bool withFile)
    {
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, "users.json");
        if (withFile)
            MadeUpUsers.WriteFile(file, users);
        Link(Bench.NewJob(Path.Combine(folder, "job"), s_nowhere, file), users);
    }

    public static ProvisioningJob Open(string folder) => ProvisioningJob.Open(Path.Combine(folder, "job"));

    private static void Link(ProvisioningJob job, int users)
    {
        SynchronizationSchema schema = job.ReadMapping();
        var mapping = CompiledMapping.Compile(schema, CompiledScope.AttributesOf(schema));
        byte[] salt = RandomNumberGenerator.GetBytes(16);
        var hasher = new DesiredHasher(BoundMapping.Bind(mapping), salt);
        object?[] desired = new object?[mapping.Attributes.Count];
        int softDeleted = mapping.Layout.SlotOf("IsSoftDeleted");
        using var state = JobState.Open(job.Store, "benchmark");
        state.InTransaction(() =>
        {
            state.SetNamedBytes(JobState.SaltName, salt);
            state.SetNamed(JobState.HolderName, null);
        });
        for (int first = 0; first < users; first += Batch)
        {
            state.InTransaction(() =>
            {
                for (int number = first; number < Math.Min(first + Batch, users); number++)
                {
                    SourceObject user = MadeUpUsers.Make(number, mapping.Layout);
                    user.Values[softDeleted] = false;
                    mapping.Map(user, desired);
                    BoundMapping.Normalize(desired, user.Anchor);
                    state.SetLink(user.Anchor, new Link(TargetId(number), hasher.Hash(desired, TargetIdOf), Enabled: true));
                }
            });
        }
    }

    private static string TargetIdOf(string anchor) => TargetId(int.Parse(anchor[24..], System.Globalization.CultureInfo.InvariantCulture));

    private static string TargetId(int number) => (number + 1000).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
