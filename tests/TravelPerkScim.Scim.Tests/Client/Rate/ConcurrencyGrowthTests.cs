using TravelPerkScim.Scim.Client.Rate;

namespace TravelPerkScim.Scim.Tests.Client.Rate;

/// <summary>In virtual time: how many requests at once are sent to servers of several kinds.</summary>
public sealed class ConcurrencyGrowthTests
{
    private readonly ConcurrencyGrowth _growth = new();
    private double _now;

    [Fact]
    public void A_server_that_answers_as_fast_gets_the_most_within_seconds()
    {
        Run(seconds: 5, _ => 0.2);

        Assert.Equal(ConcurrencyGrowth.Most, _growth.Number);
        Assert.Equal(ConcurrencyGrowth.Most, _growth.Proven);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(40)]
    public void A_server_whose_answers_become_slower_gets_no_more_than_it_answers_as_fast(int bears)
    {
        // Beyond its number, requests wait their turn in the server.
        Run(seconds: 600, atOnce => 0.1 * Math.Max(1, (double)atOnce / bears));

        Assert.InRange(_growth.Proven!.Value, Math.Min(8, bears), 1.25 * bears);
        double beyond = Share(seconds: 600, atOnce => 0.1 * Math.Max(1, (double)atOnce / bears), atOnce => atOnce > 1.25 * bears);
        Assert.InRange(beyond, 0, 0.02);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Answers_that_differ_by_chance_do_not_hold_growth_back(int seed)
    {
        var random = new Random(seed);
        Run(seconds: 60, _ => 0.1 * (0.5 + random.NextDouble()));

        Assert.InRange(_growth.Number, 40, ConcurrencyGrowth.Most);
    }

    [Fact]
    public void Requests_that_do_not_use_the_number_up_say_nothing()
    {
        for (int i = 0; i < 1000; i++)
            _growth.Answered(_now += 0.1, 0.1, underWay: 5);

        Assert.Equal(ConcurrencyGrowth.First, _growth.Number);
        Assert.Null(_growth.Proven);
    }

    [Fact]
    public void A_refusal_goes_back_to_the_number_before_and_refusals_of_one_moment_count_once()
    {
        Run(seconds: 1.5, _ => 0.2);
        int before = _growth.Proven!.Value;
        Assert.InRange(_growth.Number, before + 1, ConcurrencyGrowth.Most);

        for (int i = 0; i < 20; i++)
            _growth.Refused(_now, left: _now - 0.1);

        Assert.Equal(before, _growth.Number);
    }

    [Fact]
    public void A_server_that_refuses_a_number_is_asked_for_it_more_and_more_rarely()
    {
        int refusals = 0;
        for (int round = 0; round < 3000; round++)
        {
            int number = _growth.Number;
            _now += 0.2;
            if (number > 20)
                _growth.Refused(_now, left: _now - 0.1 + (0.001 * refusals++));
            else
                Round(0.2);
        }

        Assert.InRange(refusals, 1, 12);
        Assert.InRange(_growth.Number, 8, 20);
    }

    [Fact]
    public void A_server_that_becomes_slower_gets_fewer_and_more_again_when_it_is_fast_again()
    {
        Run(seconds: 10, _ => 0.1);
        Assert.Equal(ConcurrencyGrowth.Most, _growth.Number);

        Run(seconds: 30, atOnce => 0.1 * Math.Max(1, atOnce / 16.0));
        Assert.InRange(_growth.Number, 8, 24);

        Run(seconds: 1200, _ => 0.1);
        Assert.Equal(ConcurrencyGrowth.Most, _growth.Number);
    }

    [Theory]
    [InlineData(40, 40)]
    [InlineData(2, 8)]
    [InlineData(1000, 64)]
    public void A_number_that_was_measured_before_is_where_it_begins(int proven, int first)
    {
        _growth.StartAt(proven);

        Assert.Equal(first, _growth.Number);
        Assert.Null(_growth.Proven);
    }

    [Fact]
    public void A_number_that_was_measured_before_does_not_replace_what_this_session_measured()
    {
        Run(seconds: 2, _ => 0.2);
        int number = _growth.Number;

        _growth.StartAt(9);

        Assert.Equal(number, _growth.Number);
    }

    private void Run(double seconds, Func<int, double> duration) => Share(seconds, duration, _ => false);

    /// <summary>The share of the time that was spent with such numbers at once.</summary>
    private double Share(double seconds, Func<int, double> duration, Func<int, bool> counts)
    {
        double begun = _now,
            counted = 0;
        while (_now - begun < seconds)
        {
            int number = _growth.Number;
            double roundTrip = duration(number);
            _now += roundTrip;
            if (counts(number))
                counted += roundTrip;
            for (int i = 0; i < number; i++)
                _growth.Answered(_now, duration(number), number);
        }
        return counted / seconds;
    }

    private void Round(double duration)
    {
        int number = _growth.Number;
        for (int i = 0; i < number; i++)
            _growth.Answered(_now, duration, number);
    }
}
