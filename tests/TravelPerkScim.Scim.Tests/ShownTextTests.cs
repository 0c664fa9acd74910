using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Tests;

public sealed class ShownTextTests
{
    [Theory]
    [InlineData("Núñez-Østergård <& \"日本\"> 👍", "Núñez-Østergård <& \"日本\"> 👍")]
    [InlineData("X\u001b[2K\u001b[1A", "X\\u001b[2K\\u001b[1A")]
    [InlineData("\u001b]52;c;aGk=\u0007", "\\u001b]52;c;aGk=\\u0007")]
    [InlineData("\u009b31m", "\\u009b31m")]
    [InlineData("bob\u202emoc.osotnoc", "bob\\u202emoc.osotnoc")]
    [InlineData("anna\u200b\ufeff\u2066", "anna\\u200b\\ufeff\\u2066")]
    [InlineData("a\r\n\tb\u2028c\u2029", "a\\u000d\\u000a\\u0009b\\u2028c\\u2029")]
    [InlineData("a\U000e0041", "a\\udb40\\udc41")]
    [InlineData("a\\u001b", "a\\u001b")]
    [InlineData("", "")]
    public void What_a_terminal_obeys_and_what_nobody_sees_is_written_out(string text, string shown)
    {
        Assert.Equal(shown, ShownText.Of(text));
        Assert.Equal(shown, ShownText.Of(shown));
    }

    [Fact]
    public void Half_an_emoji_is_written_out() => Assert.Equal("a\\ud83d", ShownText.Of("a" + '\ud83d'));

    [Theory]
    [InlineData("ana\u200b@example.com")]
    [InlineData("bob\u202emoc.osotnoc@example.com")]
    [InlineData("ana@exam\u00adple.com")]
    [InlineData("ana\U000e0041@example.com")]
    [InlineData("ana\u001b[2K@example.com")]
    public void A_user_name_that_looks_like_another_one_is_refused(string userName)
    {
        string? problem = TravelPerkSchema.Find(AttributePath.Parse("userName"))!.Rule!(userName);

        Assert.Contains("zero-width", problem, StringComparison.Ordinal);
        Assert.DoesNotContain(userName, problem, StringComparison.Ordinal);
    }
}
