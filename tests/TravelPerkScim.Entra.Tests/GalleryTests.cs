using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Tests;

public sealed class GalleryTests
{
    [Theory]
    [InlineData("TravelPerk", "TravelPerk")]
    [InlineData("perk", "TravelPerk")]
    [InlineData("travelperk", "Perk")]
    public async Task The_template_is_found_under_either_of_its_names(string asked, string inGallery)
    {
        await using var fixture = new HostingFixture();
        fixture.Tenant.Gallery[StandInDirectory.TravelPerkTemplate] = inGallery;

        GalleryTemplate template = await fixture.Gallery.FindTemplateAsync(asked, default);

        Assert.Equal((StandInDirectory.TravelPerkTemplate, inGallery), (template.Id, template.DisplayName));
    }

    [Fact]
    public async Task A_template_that_is_not_there_or_there_twice_is_one_clear_error()
    {
        await using var fixture = new HostingFixture();
        Assert.Equal(
            "EntraTemplateNotFound",
            (await Assert.ThrowsAsync<SourceException>(() => fixture.Gallery.FindTemplateAsync("O'Hare", default))).ErrorId
        );

        fixture.Tenant.Gallery["second"] = "TravelPerk";
        SourceException twice = await Assert.ThrowsAsync<SourceException>(() => fixture.Gallery.FindTemplateAsync("TravelPerk", default));

        Assert.Equal("EntraTemplateAmbiguous", twice.ErrorId);
        Assert.Contains(StandInDirectory.TravelPerkTemplate, twice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_is_made_once_and_found_again()
    {
        await using var fixture = new HostingFixture();

        EntraApplication first = await fixture.MakeAsync(),
            second = await fixture.MakeAsync(),
            other = await fixture.MakeAsync("TravelPerk test");

        Assert.Equal(first, second);
        Assert.NotEqual(first.ObjectId, other.ObjectId);
        Assert.Equal(["TravelPerk", "TravelPerk test"], fixture.Made.Select(one => one.DisplayName));
        Assert.Equal((StandInDirectory.TravelPerkTemplate, true), (first.TemplateId, first.AssignmentRequired));
    }

    [Fact]
    public async Task An_application_of_another_template_is_not_taken_for_it()
    {
        await using var fixture = new HostingFixture();
        StandInApplication reports = fixture.Tenant.AddFromTemplate("0b1c7e0e-8d0b-4a2a-93d0-3c3f6a1f3d55", "TravelPerk");
        fixture.Tenant.AddApplication("TravelPerk");

        Assert.NotEqual(reports.Id, (await fixture.MakeAsync()).ObjectId);
        Assert.Equal(2, fixture.Made.Count());
    }

    [Fact]
    public async Task Two_of_the_same_name_are_an_error_that_names_their_ids()
    {
        await using var fixture = new HostingFixture();
        StandInApplication[] both = [fixture.Have().There, fixture.Have().There];

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => fixture.MakeAsync());

        Assert.Equal("EntraApplicationAmbiguous", failure.ErrorId);
        Assert.All(both, one => Assert.Contains(one.Id, failure.Message, StringComparison.Ordinal));
        Assert.Empty(fixture.Writes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(30)]
    public async Task It_is_done_when_every_copy_shows_the_application(int requests)
    {
        await using var fixture = new HostingFixture();
        fixture.Late(requests);

        EntraApplication made = await fixture.MakeAsync();

        Assert.Equal(made.ObjectId, Assert.Single(fixture.Made).Id);
        // Whatever comes next finds it.
        Assert.Contains(made, await new EntraApplications(fixture.Entra).FindAsync("TravelPerk", default));
    }

    [Fact]
    public async Task An_application_that_stays_unseen_is_given_up_on_and_found_by_the_next_run()
    {
        await using var fixture = new HostingFixture();
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("applications", StringComparison.Ordinal)
                ? GraphResponse.Error(404, "Request_ResourceNotFound", "x")
                : null;
        Assert.Equal("EntraNotSettled", (await Assert.ThrowsAsync<SourceException>(() => fixture.MakeAsync())).ErrorId);

        fixture.Graph.Behavior.Intercept = null;
        Assert.Equal(Assert.Single(fixture.Made).Id, (await fixture.MakeAsync()).ObjectId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public async Task After_a_lost_answer_it_is_looked_for_and_not_made_twice(int lag)
    {
        await using var fixture = new HostingFixture();
        fixture.Late(lag == 0 ? 1 : lag);
        int lost = 0;
        fixture.Graph.Behavior.LoseAnswer = request => request.Path.EndsWith("instantiate", StringComparison.Ordinal) && ++lost == 1;

        EntraApplication made = await fixture.MakeAsync();

        Assert.Equal(made.ObjectId, Assert.Single(fixture.Made).Id);
        Assert.Equal(1, lost);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(500)]
    [InlineData(200)]
    public async Task A_request_that_did_nothing_is_sent_again_after_looking(int status)
    {
        await using var fixture = new HostingFixture();
        int asked = 0;
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.EndsWith("instantiate", StringComparison.Ordinal) && ++asked == 1
                ? status == 200
                    ? GraphResponse.Of(200, """{"servicePrincipal":{"id":7}}""")
                    : GraphResponse.Error(status, "Oops", "x")
                : null;

        await fixture.MakeAsync();

        Assert.Single(fixture.Made);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_throttled_request_is_sent_again_without_looking()
    {
        await using var fixture = new HostingFixture();
        int asked = 0;
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.EndsWith("instantiate", StringComparison.Ordinal) && ++asked == 1
                ? GraphResponse.Error(429, "TooManyRequests", "x")
                : null;

        await fixture.MakeAsync();

        Assert.Equal(
            3,
            fixture
                .Graph.Requests.TakeWhile(request => !request.EndsWith("instantiate", StringComparison.Ordinal))
                .Count(request => request == "GET servicePrincipals")
        );
        Assert.Equal(3, fixture.Graph.Requests.Count(request => request == "GET servicePrincipals"));
    }

    [Fact]
    public async Task A_refusal_names_the_permission()
    {
        await using var fixture = new HostingFixture();
        fixture.Graph.Behavior.Denied.Add("Application.ReadWrite.All");

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => fixture.MakeAsync());

        Assert.Equal("EntraPermissionMissing", failure.ErrorId);
        Assert.Contains("Application.ReadWrite.All", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public Task Making_it_cancelled_anywhere_and_run_again_ends_with_one_application(int lag) =>
        HostingFixture.CancelEverywhereAsync(
            (fixture, stop) => fixture.MakeAsync(cancellationToken: stop),
            fixture => Assert.Single(fixture.Made),
            lag: lag
        );

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public Task Removing_it_cancelled_anywhere_and_run_again_leaves_nothing(int lag)
    {
        EntraApplication? application = null;
        return HostingFixture.CancelEverywhereAsync(
            (fixture, stop) => fixture.Gallery.RemoveAsync(application!, stop),
            fixture =>
                Assert.All(
                    fixture.Tenant.Applications,
                    one => Assert.Equal(one.TemplateId is not null, one.Registration.Now is null && one.Principal.Now is null)
                ),
            fixture => application = fixture.Have().Application,
            lag
        );
    }
}
