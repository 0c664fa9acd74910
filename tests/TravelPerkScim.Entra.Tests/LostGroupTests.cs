using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Tests;

/// <summary>A disable names the group that the user left, where the read knows it.</summary>
public sealed class LostGroupTests : IAsyncLifetime, IAsyncDisposable
{
    private const string General = "The source user is not assigned to the enterprise application 'TravelPerk', directly or by a group.";

    private readonly EntraFixture _fixture = new(nested: true);
    private CycleTarget _target = null!;
    private StandInUser _ines = null!;
    private StandInGroup _travellers = null!;

    private StandInDirectory Tenant => _fixture.Tenant;

    public async Task InitializeAsync()
    {
        _ines = Tenant.AddUser("ines@contoso.com", ("givenName", "Ines"), ("surname", "Family"));
        StandInUser stays = Tenant.AddUser("stays@contoso.com", ("givenName", "Sam"), ("surname", "Family"));
        _travellers = Tenant.AddGroup("Travellers");
        Tenant.AddMember(_travellers, _ines, stays);
        Tenant.Assign(_fixture.Application, _travellers);
        Tenant.Assign(_fixture.Application, stays);
        _target = new CycleTarget(_fixture);
        await _target.RunAsync();
        Assert.Equal(2, _target.Active().Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _target.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Fact]
    public async Task A_user_who_left_the_assigned_group_is_disabled_and_the_reason_names_the_group()
    {
        Tenant.RemoveMember(_travellers, _ines);

        Assert.Equal("The source user is no longer a member of Travellers, which gave the assignment.", await ReasonOfDisableAsync());
        Assert.False(_target.IsActive(_ines));
    }

    [Fact]
    public async Task Each_group_is_named_where_several_gave_the_assignment()
    {
        StandInGroup sales = Tenant.AddGroup("Sales"),
            inner = Tenant.AddGroup("Inner");
        Tenant.AddMember(inner, _ines);
        Tenant.AddMember(sales, inner);
        Tenant.Assign(_fixture.Application, sales);
        await _target.RunAsync();
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
        Tenant.Unassign(_fixture.Application, _travellers);

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
        Tenant.Assign(_fixture.Application, _ines);
        await _target.RunAsync();
        Tenant.Unassign(_fixture.Application, _ines);
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
        ProvisioningOutcome disable = Assert.Single(await _target.RunAsync(options));
        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success), (disable.Action, disable.Status));
        return disable.Reason;
    }
}
