using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>
/// Moves the state of a job between its folder and a shared database. Three places change: the copy, the former state, and job.json. Their
/// order lets a process be killed anywhere:
/// <list type="number">
/// <item>The copy is committed as a whole, marked as arriving. No cycle uses it, and the former state is still the job's.</item>
/// <item>The former state is marked as moved. No cycle uses either of them.</item>
/// <item>job.json names the copy.</item>
/// <item>The copy loses its mark, and is the job's state.</item>
/// </list>
/// The command run again after a kill begins where the places stand: before the second step it copies again, and after it the copy is the
/// only truth, so that it goes on.
/// </summary>
/// <param name="job">The job. It is opened with the state that job.json names.</param>
/// <param name="origin">The state that job.json names.</param>
/// <param name="target">Where the state goes.</param>
/// <param name="key">The stateKey of job.json with the state at the target; null for a file.</param>
/// <param name="time">Clock of the marks.</param>
internal sealed class StateMove(ProvisioningJob job, IStateStore origin, IStateStore target, string? key, TimeProvider time)
{
    // What is written beside cycles is seldom written. A copy of it that is old after a minute is not old at the next try.
    private const int Tries = 3;

    /// <summary>Finds the place that a move left, by the move's number; null when there is none. Asked where job.json names a state that
    /// arrives.</summary>
    public required Func<Guid, IStateStore?> LeftBy { get; init; }

    /// <summary>Told after each step, so that a process that is killed there can be tried.</summary>
    public Action<string>? Watch { get; init; }

    /// <summary>Moves the state, or ends a move that was cut off.</summary>
    /// <exception cref="ProvisioningException"><c>JobBusy</c>; <c>StateOfAnotherJob</c>; <c>StateMoved</c>; <c>StateRemoved</c>;
    /// <c>StateMoveUnproved</c>; <c>StateCopyDiffers</c>; <c>StateChanging</c>; <c>StateUnreadable</c>; <c>StateUnwritable</c>;
    /// <c>JobUnwritable</c>.</exception>
    public ProvisioningStateMove Run(Action<long> progress, CancellationToken cancellationToken)
    {
        using IDisposable folder = job.LockFolder();
        using StateDatabase former = Writer(origin);
        bool isThere = origin.Equals(target);
        bool finished = EndArrival(former);
        if (isThere)
        {
            StateMark.Refuse(StateMark.Of(former), origin.Name);
            return new ProvisioningStateMove(job.Name, origin.Name, target.Name, 0, finished);
        }
        using StateDatabase copy = Writer(target);
        if (StateMark.Of(former) is { } mark)
        {
            RefuseUnlessItsCopy(former, copy, mark);
            Settle(copy);
            return new ProvisioningStateMove(job.Name, origin.Name, target.Name, 0, Ended: true);
        }
        RefuseForeign(former, copy);
        long rows = Copy(former, copy, progress, cancellationToken);
        Settle(copy);
        return new ProvisioningStateMove(job.Name, origin.Name, target.Name, rows, Ended: false);
    }

    private static StateDatabase Writer(IStateStore store)
    {
        StateDatabase state = store.Open();
        try
        {
            state.Fence();
            return state;
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>Where job.json names a state that arrives, as a rule only the last step of an earlier move is missing.</summary>
    private bool EndArrival(StateDatabase named)
    {
        if (StateMark.Of(named) is not { Kind: StateMarkKind.Arriving } arriving)
            return false;
        if (!IsLeftBy(arriving.Move))
            throw Unproved(arriving);
        named.AsWriter(() => StateMark.Remove(named));
        return true;
    }

    // A person may have changed job.json between two steps. Cycles then still run with the former state.
    private bool IsLeftBy(Guid move)
    {
        using StateDatabase? left = LeftBy(move)?.OpenToLook();
        return left is not null && StateMark.Of(left) is { Kind: StateMarkKind.Moved } mark && mark.Move == move;
    }

    private ProvisioningException Unproved(StateMark arriving) =>
        new(
            "StateMoveUnproved",
            $"The state '{origin.Name}' is the copy of a move that was cut off, and '{ShownText.Of(arriving.Place)}' does not say that the "
                + "state left it. Cycles may go on there. Let job.json name that place again, and run the command again."
        );

    // The former state was moved. The copy counts when it is the copy of that very move, or when that move came to its end and only
    // job.json is of before.
    private static void RefuseUnlessItsCopy(StateDatabase former, StateDatabase copy, StateMark moved)
    {
        bool isItsCopy = StateMark.Of(copy) is { } mark
            ? mark.Kind == StateMarkKind.Arriving && mark.Move == moved.Move
            : IsSameState(former, copy);
        if (moved.Kind != StateMarkKind.Moved || !isItsCopy)
            StateMark.Refuse(moved, copy.Name);
    }

    /// <summary>Only nothing, or a former or unfinished copy of this very state, may be replaced.</summary>
    private void RefuseForeign(StateDatabase former, StateDatabase copy)
    {
        var mark = StateMark.Of(copy);
        if (mark is { Kind: StateMarkKind.Removed })
            StateMark.Refuse(mark, copy.Name);
        if (StateTable.IsEmpty(copy) || (mark is not null && IsSameState(former, copy)))
            return;
        throw new ProvisioningException(
            "StateOfAnotherJob",
            $"The state of the job '{job.Name}' was not moved, because '{target.Name}' already holds a state. "
                + "That state is not a former copy of the job's. "
                + "Choose another place: another -StateKey in the database. A state.db that is not needed any more can be moved away."
        );
    }

    // The salt is random, and a state keeps it.
    private static bool IsSameState(StateDatabase former, StateDatabase copy) => Salt(former) is { } salt && salt == Salt(copy);

    private static string? Salt(StateDatabase state) =>
        state.Scalar("SELECT bytes FROM named WHERE job = @job AND name = @p0", JobState.SaltName) is byte[] salt
            ? Convert.ToHexString(salt)
            : null;

    private long Copy(StateDatabase former, StateDatabase copy, Action<long> progress, CancellationToken cancellationToken)
    {
        var move = Guid.NewGuid();
        var rows = new StateCopy(former, copy);
        for (int left = Tries; left > 0; left--)
        {
            copy.AtLastAsWriter(() =>
            {
                rows.Run(progress, cancellationToken);
                new StateMark(StateMarkKind.Arriving, origin.Name, time.GetUtcNow(), move).Write(copy);
            });
            if (TryLeave(former, rows, move))
                return rows.Rows;
        }
        throw new ProvisioningException(
            "StateChanging",
            $"The state of the job '{job.Name}' was not moved, because notifications of the job were written while it was copied. "
                + "Run the command again."
        );
    }

    /// <returns>False when another process wrote beside the cycles of the job since the copy.</returns>
    private bool TryLeave(StateDatabase former, StateCopy rows, Guid move)
    {
        bool isCurrent = false;
        former.AsWriter(() =>
        {
            isCurrent = rows.IsCurrent();
            if (!isCurrent)
                return;
            former.RemoveSignIns();
            new StateMark(StateMarkKind.Moved, target.Name, time.GetUtcNow(), move).Write(former);
        });
        return isCurrent;
    }

    private void Settle(StateDatabase copy)
    {
        Watch?.Invoke("before job.json");
        job.Save(job.Settings with { StateKey = key }, keepLinks: true);
        Watch?.Invoke("after job.json");
        copy.AsWriter(() => StateMark.Remove(copy));
    }
}
