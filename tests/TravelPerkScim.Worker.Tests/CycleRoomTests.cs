using TravelPerkScim.Worker.Jobs;
using TravelPerkScim.Worker.Running;
using TravelPerkScim.Worker.Settings;

namespace TravelPerkScim.Worker.Tests;

/// <summary>Who gets a place, and who waits.</summary>
public sealed class CycleRoomTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Long_cycles_get_half_of_the_places_and_short_ones_need_not_wait_for_them()
    {
        CycleRoom room = RoomOf(4);
        Task<IDisposable?>[] initial = [.. Enumerable.Range(0, 3).Select(_ => Enter(room, "large", isLong: true))];

        Assert.Equal(2, initial.Count(task => task.IsCompleted));
        for (int round = 0; round < 40; round++)
            (await Enter(room, $"small{round}"))!.Dispose();
        Assert.Equal(2, initial.Count(task => task.IsCompleted));

        (await initial[0])!.Dispose();
        Assert.NotNull(await initial[2]);
    }

    [Fact]
    public async Task A_room_of_one_place_takes_a_long_cycle_too()
    {
        CycleRoom room = RoomOf(1);

        Assert.NotNull(await Enter(room, "large", isLong: true));
        Assert.False(Enter(room, "small").IsCompleted);
    }

    [Fact]
    public async Task The_tenant_with_the_fewest_cycles_under_way_comes_next_and_then_the_job_that_waits_longest()
    {
        CycleRoom room = RoomOf(2);
        IDisposable[] inside = [(await Enter(room, "many"))!, (await Enter(room, "many"))!];
        Task<IDisposable?> third = Enter(room, "MANY"),
            fourth = Enter(room, "many"),
            alone = Enter(room, "alone");

        inside[0].Dispose();
        Assert.NotNull(await alone.WaitAsync(s_patience));
        Assert.False(third.IsCompleted);

        inside[1].Dispose();
        Assert.NotNull(await third.WaitAsync(s_patience));
        Assert.False(fourth.IsCompleted);
    }

    [Fact]
    public async Task A_tenant_has_no_more_cycles_under_way_than_its_limit()
    {
        CycleRoom room = RoomOf(4, tenantCycles: 1);
        IDisposable first = (await Enter(room, "tenant"))!;
        Task<IDisposable?> second = Enter(room, "tenant");

        Assert.NotNull(await Enter(room, "another"));
        Assert.False(second.IsCompleted);

        first.Dispose();
        Assert.NotNull(await second);
    }

    [Fact]
    public async Task A_room_that_closes_refuses_those_who_wait_and_is_empty_when_the_last_cycle_left()
    {
        CycleRoom room = RoomOf(1);
        IDisposable inside = (await Enter(room, "one"))!;
        Task<IDisposable?> waiting = Enter(room, "two");

        Task empty = room.CloseAsync();

        Assert.Null(await waiting);
        Assert.Null(await Enter(room, "three"));
        Assert.False(empty.IsCompleted);
        inside.Dispose();
        await empty;
    }

    [Fact]
    public async Task A_wait_that_is_given_up_takes_no_place()
    {
        CycleRoom room = RoomOf(1);
        IDisposable inside = (await Enter(room, "one"))!;
        using var patience = new CancellationTokenSource();
        Task<IDisposable?> impatient = room.EnterAsync(new CycleLoad("two", IsLong: false), patience.Token);

        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        inside.Dispose();
        Assert.NotNull(await Enter(room, "three"));
    }

    private static CycleRoom RoomOf(int cycles, int tenantCycles = 64) =>
        new(
            new WorkerOptions
            {
                Folder = ".",
                Cycles = cycles,
                TenantCycles = tenantCycles,
            }
        );

    private static Task<IDisposable?> Enter(CycleRoom room, string tenant, bool isLong = false) =>
        room.EnterAsync(new CycleLoad(tenant, isLong), CancellationToken.None);
}
