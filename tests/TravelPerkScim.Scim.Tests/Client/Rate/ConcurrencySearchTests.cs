using TravelPerkScim.Scim.Client.Rate;

namespace TravelPerkScim.Scim.Tests.Client.Rate;

/// <summary>In virtual time, without a client: what the search concludes about servers of different kinds.</summary>
public sealed class ConcurrencySearchTests
{
    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 3)]
    [InlineData(8, 4)]
    [InlineData(8, 7)]
    [InlineData(64, 5)]
    [InlineData(64, 20)]
    [InlineData(64, 50)]
    public void A_server_with_so_many_workers_has_them_busy_and_refuses_next_to_nothing(int callers, int workers)
    {
        var run = new Run(callers) { Workers = workers };

        run.Until(120);

        Assert.InRange(run.MeanUnderWay, 0.96 * workers, workers + 0.1);
        Assert.InRange(run.Refused, 1, Math.Max(2 * callers, 0.002 * run.Answered));
    }

    [Fact]
    public void No_request_is_held_back_while_nothing_fails()
    {
        var run = new Run(64);

        run.Until(10);

        Assert.Equal(int.MaxValue, run.Search.Limit);
        Assert.Equal(64, run.MeanUnderWay, 0.001);
    }

    [Fact]
    public void A_server_that_gets_more_workers_is_used_again_soon()
    {
        var run = new Run(16) { Workers = 4 };
        run.Until(20);

        run.Workers = 64;
        run.Until(60);

        Assert.True(run.Search.Limit >= 16, $"{run.Search.Limit}");
    }

    [Fact]
    public void A_server_that_loses_workers_gets_less_and_refuses_little_on_the_way()
    {
        var run = new Run(16) { Workers = 12 };
        run.Until(60);
        int before = run.Refused;

        run.Workers = 3;
        run.Until(90);

        Assert.InRange(run.Search.Limit, 1, 4);
        Assert.InRange(run.Refused - before, 1, 40);
    }

    [Fact]
    public void A_server_that_was_down_for_a_minute_is_used_fully_again_soon_after()
    {
        var run = new Run(8);
        run.Until(5);
        run.Workers = 0;
        run.Until(65);

        run.Workers = 64;
        run.Until(75);

        Assert.True(run.Search.Limit >= 8, $"{run.Search.Limit}");
    }

    [Theory]
    [InlineData(0.001, 6.5)]
    [InlineData(0.01, 4)]
    public void Failures_by_chance_do_not_end_in_one_request_at_a_time(double share, double atLeast)
    {
        var run = new Run(8) { LostShare = share };

        run.Until(300);

        Assert.InRange(run.MeanUnderWay, atLeast, 8);
    }

    [Fact]
    public void Requests_that_fail_together_halve_the_number_once()
    {
        var search = new ConcurrencySearch();

        for (int i = 0; i < 8; i++)
            search.Overloaded(0, 0, 8);

        Assert.Equal((4, 1), (search.Limit, search.Epoch));
    }

    [Fact]
    public void One_request_at_a_time_is_the_least_and_a_single_caller_is_never_held_back()
    {
        var search = new ConcurrencySearch();
        search.Overloaded(0, 0, 1);
        Assert.Equal(int.MaxValue, search.Limit);

        foreach (int underWay in new[] { 3, 1, 1 })
            search.Overloaded(0, search.Epoch, underWay);

        Assert.Equal(1, search.Limit);
    }

    [Fact]
    public void A_failure_alone_is_the_requests_own()
    {
        var search = new ConcurrencySearch();

        for (int i = 0; i < 10; i++)
        {
            search.Failed(i, search.Epoch, 8);
            search.Answered(i, search.Epoch, 8);
        }
        Assert.Equal(int.MaxValue, search.Limit);
        search.Failed(10, search.Epoch, 8);
        search.Failed(10, search.Epoch, 8);

        Assert.Equal(4, search.Limit);
    }

    /// <summary>Callers that send one request after the other, each as soon as the limit lets them, to a server that takes 20 ms for an
    /// answer and none for a refusal.</summary>
    private sealed class Run(int callers)
    {
        private const double Latency = 0.02,
            RefusalTakes = 0.001;

        private readonly PriorityQueue<(int Epoch, int UnderWay, bool Works, bool Lost), double> _ends = new();
        private readonly Random _random = new(1);
        private double _now,
            _began,
            _busy;
        private int _underWay,
            _working;

        public ConcurrencySearch Search { get; } = new();

        public int Workers { get; set; } = int.MaxValue;

        public double LostShare { get; init; }

        public int Answered { get; private set; }

        public int Refused { get; private set; }

        /// <summary>Requests that were worked on, on the average of the last stretch.</summary>
        public double MeanUnderWay => _busy / (_now - _began);

        public void Until(double end)
        {
            (_began, _busy) = (_now, 0);
            while (_now < end)
            {
                while (_underWay < Math.Min(callers, Search.Limit))
                    Send();
                _ends.TryDequeue(out (int Epoch, int UnderWay, bool Works, bool Lost) request, out double at);
                _busy += _working * (at - _now);
                _now = at;
                End(request.Epoch, request.UnderWay, request.Works, request.Lost);
            }
        }

        private void Send()
        {
            bool works = _working < Workers;
            _working += works ? 1 : 0;
            _ends.Enqueue((Search.Epoch, ++_underWay, works, _random.NextDouble() < LostShare), _now + (works ? Latency : RefusalTakes));
        }

        private void End(int epoch, int underWay, bool works, bool lost)
        {
            if (works && !lost)
                Search.Answered(_now, epoch, underWay);
            else
                Search.Overloaded(_now, epoch, Math.Max(underWay, _underWay));
            Answered += works ? 1 : 0;
            Refused += works ? 0 : 1;
            _working -= works ? 1 : 0;
            _underWay--;
        }
    }
}
