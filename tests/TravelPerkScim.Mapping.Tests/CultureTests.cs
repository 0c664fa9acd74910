using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Mapping.Tests;

public sealed class CultureTests
{
    [Theory]
    [InlineData("")]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    public void Results_are_the_same_in_every_culture(string culture) =>
        Subject.Under(
            culture,
            () =>
            {
                Assert.Equal("IIII", Subject.Evaluate("ToUpper(\"iiii\")"));
                Assert.Equal("title", Subject.Evaluate("ToLower(\"TITLE\")"));
                Assert.Equal("1.5", Subject.Evaluate("Join(\"\", [n])", ("n", 1.5)));
                Assert.Equal("-2.5", Subject.Evaluate("Join(\"\", -2.50)"));
                Assert.Equal("y", Subject.Evaluate("IIF([n] > 1.25, \"y\", \"n\")", ("n", "1.5")));
                Assert.Equal("x", Subject.Evaluate("[GIVENNAME]", ("givenName", "x")));
                Assert.Equal("1000000", Subject.Evaluate("Append([n], \"\")", ("n", 1_000_000L)));
                Assert.Equal("Join(\"\", -2.50)", Expressions.MappingExpression.Parse("Join(\"\",-2.50)").ToString());
                Assert.Equal(
                    true,
                    Subject.MapLast(Subject.Schema(Subject.Mapping("ACTIVE", "[isSoftDeleted]")), ("ISSOFTDELETED", "TRUE"))
                );
            }
        );
}
