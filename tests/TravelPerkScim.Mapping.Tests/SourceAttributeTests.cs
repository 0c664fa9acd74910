using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Tests;

public sealed class SourceAttributeTests
{
    [Theory]
    [InlineData("id", "objectId", "id")]
    [InlineData("objectId", "objectId", "id")]
    [InlineData("MobilePhone", "mobile", "mobilePhone")]
    [InlineData("businessPhones[0]", "telephoneNumber", "businessPhones[0]")]
    [InlineData("businessPhones", "businessPhones", "businessPhones")]
    [InlineData("officeLocation", "physicalDeliveryOfficeName", "officeLocation")]
    [InlineData("directorySynced", "dirSyncEnabled", "onPremisesSyncEnabled")]
    [InlineData(
        "onPremisesExtensionAttributes.extensionAttribute15",
        "extensionAttribute15",
        "onPremisesExtensionAttributes.extensionAttribute15"
    )]
    [InlineData("employeeOrgData.costCenter", "employeeOrgData.costCenter", "employeeOrgData.costCenter")]
    public void Names_of_one_attribute_are_one(string name, string canonical, string graphPath)
    {
        Assert.Equal(canonical, SourceAttributeNames.Canonical(name));
        Assert.Equal(graphPath, SourceAttributeNames.GraphPath(name));
        Assert.Equal(canonical, SourceAttributeNames.NamesOf(name)[0]);
    }

    [Fact]
    public void A_layout_gives_each_attribute_one_slot_under_all_its_names()
    {
        var layout = new SourceLayout(["mobilePhone", "objectId", "MOBILE", "id", "mail"]);
        Assert.Equal(["mobilePhone", "objectId", "mail"], layout.Names);
        Assert.Equal(
            (0, 0, 1, 2, -1),
            (layout.SlotOf("Mobile"), layout.SlotOf("mobilephone"), layout.SlotOf("ID"), layout.SlotOf("Mail"), layout.SlotOf("surname"))
        );
    }

    [Fact]
    public void An_object_gives_values_by_any_name_and_null_for_what_it_lacks()
    {
        var source = new SourceObject("a", new SourceLayout(["mobile"]));
        source.Values[0] = "+34 1";
        Assert.Equal("+34 1", source["mobilePhone"]);
        Assert.Null(source["surname"]);
    }

    [Theory]
    [InlineData("[mobile]")]
    [InlineData("[mobilePhone]")]
    [InlineData("[ MOBILEPHONE ]")]
    public void Expressions_take_either_name(string expression) => Assert.Equal("+34 1", Subject.Evaluate(expression, ("mobile", "+34 1")));

    [Fact]
    public void Expressions_take_an_indexed_Graph_name() =>
        Assert.Equal("+34 1", Subject.Evaluate("[businessPhones[0]]", ("telephoneNumber", "+34 1")));
}
