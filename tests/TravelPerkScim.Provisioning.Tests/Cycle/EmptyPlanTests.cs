using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>An empty plan starts no writers, so a plan with any follow-up must not count as empty.</summary>
public sealed class EmptyPlanTests
{
    [Fact]
    public void A_plan_with_a_follow_up_of_any_kind_is_not_empty()
    {
        var bound = BoundMapping.Bind(CompiledMapping.Compile(SynchronizationSchema.Default));
        var nothing = new IntentResolution(new Dictionary<string, string>(), [], new HashSet<string>(), null);
        var none = new PlanFollowUps(bound, "", default, null, [], [], [], [], nothing) { StateChanges = 0 };
        PlanFollowUps[] one =
        [
            none with
            {
                AlreadyInDesiredState = [new DesiredUser("anna", [], null) { Identity = "anna" }],
            },
            none with
            {
                Vanished = ["anna"],
            },
            none with
            {
                Settled = ["anna"],
            },
            none with
            {
                Unread = ["anna"],
            },
            none with
            {
                Released = ["anna"],
            },
            none with
            {
                Undeleted = ["anna"],
            },
            none with
            {
                Resolution = nothing with { Created = new Dictionary<string, string> { ["anna"] = "1" } },
            },
            none with
            {
                Resolution = nothing with { NotCreated = ["anna"] },
            },
            none with
            {
                GroupsDiscovered = "yes",
            },
        ];

        Assert.True(none.IsEmpty);
        Assert.All(one, followUps => Assert.False(followUps.IsEmpty));
    }
}
