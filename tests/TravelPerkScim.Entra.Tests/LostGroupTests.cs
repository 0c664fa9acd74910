using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Tests;

/// <summary>A disable names the group that the user left, where the read knows it.</summary>
public sealed class LostGroupTests : CycleTests
{
    private const string General = "The source user is not assigned to the enterprise application 'TravelPerk', directly or by a group.";

    private StandInUser _ines = null!;
    private StandInGroup _travellers = null!;

    public LostGroupTests()
        : base(nested: true) { }

    private protected override void AddUsers()
    {
        _ines = Tenant.AddUser("ines@contoso.com", ("givenName", "Ines"), ("surname", "Family"));
        StandInUser stays = Tenant.AddUser("stays@contoso.com", ("givenName", "Sam"), ("surname", "Family"));
        _travellers = Tenant.AddGroup("Travellers");
        Tenant.AddMember(_travellers, _ines, stays);
        Tenant.Assign(Fixture.Application, _travellers);
        Tenant.Assign(Fixture.Application, stays);
    }

    [Fact]
    public async Task A_user_who_left_the_assigned_group_is_disabled_and_the_reason_names_the_group()
    {
        Tenant.RemoveMember(_travellers, _ines);

        Assert.Equal("The source user is no longer a member of Travellers, which gave the assignment.", await ReasonOfDisableAsync());
        Assert.False(Target.IsActive(_ines));
    }

    [Fact]
    public async Task Each_group_is_named_where_several_gave_the_assignment()
    {
        StandInGroup sales = Tenant.AddGroup("Sales"),
            inner = Tenant.AddGroup("Inner");
        Tenant.AddMember(inner, _ines);
        Tenant.AddMember(sales, inner);
        Tenant.Assign(Fixture.Application, sales);
        await Target.RunAsync();
        Tenant.RemoveMember(_travellers, _ines);
        Tenant.RemoveMember(inner, _ines);

        Assert.Equal(
            "The source user is no longer a member of Sales and Travellers, which gave the assignment.",
            await ReasonOfDisableAsync()
        );
    }

    [Fact]
    public async Task No_group_is_named_when_an_assignment_was_taken_back()
    {
        Tenant.Unassign(Fixture.Application, _travellers);

        Assert.Equal(General, await ReasonOfDisableAsync());
    }

    [Fact]
    public async Task No_group_is_named_when_the_group_was_deleted()
    {
        Tenant.SoftDelete(_travellers);

        Assert.Equal(General, await ReasonOfDisableAsync());
    }

    [Fact]
    public async Task No_group_is_named_when_the_user_was_assigned_directly_too()
    {
        Tenant.Assign(Fixture.Application, _ines);
        await Target.RunAsync();
        Tenant.Unassign(Fixture.Application, _ines);
        Tenant.RemoveMember(_travellers, _ines);

        Assert.Equal(General, await ReasonOfDisableAsync());
    }

    [Fact]
    public async Task A_full_read_knows_no_group_that_was_left()
    {
        Tenant.RemoveMember(_travellers, _ines);

        Assert.Equal(General, await ReasonOfDisableAsync(new CycleOptions { Initial = true }));
    }

    private async Task<string> ReasonOfDisableAsync(CycleOptions? options = null)
    {
        ProvisioningOutcome disable = Assert.Single(await Target.RunAsync(options));
        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success), (disable.Action, disable.Status));
        return disable.Reason;
    }
}
