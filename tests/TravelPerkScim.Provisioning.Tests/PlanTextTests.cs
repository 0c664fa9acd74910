using Xunit.Sdk;

namespace TravelPerkScim.Provisioning.Tests;

/// <summary>How texts are compared.</summary>
public sealed class PlanTextTests
{
    [Fact]
    public void A_long_line_may_be_continued_in_the_expected_text() =>
        PlanText.AssertEqual(
            """
            Update user1@example.com
                The source
                  user changed.
                title: A -> B
            """,
            "Update user1@example.com\n    The source user changed.\n    title: A -> B"
        );

    [Fact]
    public void Texts_that_differ_are_both_shown_in_full_and_the_line_is_marked()
    {
        FailException failure = Assert.Throws<FailException>(() =>
            PlanText.AssertEqual("Update a\n    title: A", "Update a\n    title: B")
        );

        Assert.Contains(
            "Expected:\n  Update a\n>     title: A\n\nActual:\n  Update a\n>     title: B\n",
            failure.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("Update a", "Update a\nUpdate b")]
    [InlineData("Update a\nUpdate b", "Update a")]
    public void A_line_that_is_missing_is_a_difference(string expected, string actual) =>
        Assert.Throws<FailException>(() => PlanText.AssertEqual(expected, actual));
}
