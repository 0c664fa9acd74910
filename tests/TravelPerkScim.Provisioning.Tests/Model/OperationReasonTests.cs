using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Tests.Model;

public sealed class OperationReasonTests
{
    [Fact]
    public void Every_kind_has_a_sentence()
    {
        foreach (ReasonKind kind in Enum.GetValues<ReasonKind>())
        {
            string text = new OperationReason(kind, "Travellers.", "Sales.").Text;

            Assert.Matches(@"^[A-Z][^{}]*\.$", text);
        }
    }

    [Theory]
    [InlineData(nameof(ReasonKind.SourceChanged), ProvisioningDrift.None)]
    [InlineData(nameof(ReasonKind.EditedByHand), ProvisioningDrift.EditedByHand)]
    [InlineData(nameof(ReasonKind.VanishedNoMatch), ProvisioningDrift.Vanished)]
    [InlineData(nameof(ReasonKind.SecondOfOneUser), ProvisioningDrift.Duplicate)]
    public void The_kind_tells_the_drift(string kind, ProvisioningDrift drift) =>
        Assert.Equal(drift, new OperationReason(Enum.Parse<ReasonKind>(kind)).Drift);

    [Fact]
    public void The_text_of_a_group_is_no_format()
    {
        var reason = new OperationReason(ReasonKind.GroupLost, "{1} {Travellers");

        Assert.Equal("The source user is no longer a member of {1} {Travellers, which gave the assignment.", reason.Text);
    }
}
