using System.Globalization;
using Npgsql;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Simulation;

/// <summary>What can happen to a cycle whose state is in a database.</summary>
internal enum StoreFault
{
    None,

    /// <summary>Before a statement the database ends the connections of the process.</summary>
    ConnectionsEnd,

    /// <summary>A commit succeeds, and the connections end before the answer is there.</summary>
    AnswerLost,

    /// <summary>Another process takes the job over, between two steps of this one.</summary>
    TakenOver,

    /// <summary>The process is killed before a statement, within a transaction too.</summary>
    Killed,
}

/// <summary>Those who make trouble.</summary>
/// <param name="EndConnections">The database ends the connections of the process.</param>
/// <param name="TakeOver">Another process takes the job over. True when this process was the writer.</param>
/// <param name="Changes">How often the job's state was written.</param>
/// <param name="Kill">Kills the process.</param>
/// <param name="Tell">Takes a line of the story.</param>
internal sealed record StoreTroubleMakers(Action EndConnections, Func<bool> TakeOver, Func<long> Changes, Action Kill, Action<string> Tell);

/// <summary>One fault of the store, at a random moment of one cycle.</summary>
internal sealed class StoreTrouble
{
    /// <summary>Logarithm of the statements, and of the steps, of a long cycle.</summary>
    private const double MostSteps = 6;

    /// <summary>Logarithm of the commits of a long cycle.</summary>
    private const double MostCommits = 3.5;

    // What a cycle says when its store fails, or when it is no longer the writer.
    private static readonly string[] s_errors = ["StateUnreadable", "StateUnwritable", "JobTakenOver"];

    private readonly StoreFault _fault;
    private readonly int _at;
    private readonly StoreTroubleMakers _makers;
    private int _left;
    private bool _struck;
    private long? _changes;

    private StoreTrouble(StoreFault fault, int at, StoreTroubleMakers makers) => (_fault, _at, _left, _makers) = (fault, at, at, makers);

    public static StoreTrouble Draw(Random random, StoreTroubleMakers makers)
    {
        StoreFault fault = random.Next(2) == 0 ? StoreFault.None : (StoreFault)random.Next(Enum.GetValues<StoreFault>().Length);
        double most = fault == StoreFault.AnswerLost ? MostCommits : MostSteps;
        return new StoreTrouble(fault, (int)Math.Exp(random.NextDouble() * most), makers);
    }

    /// <exception cref="NpgsqlException">The statement's answer is lost.</exception>
    public void AtStatement(string statement)
    {
        bool committed = statement == "COMMITTED";
        switch (_fault)
        {
            case StoreFault.ConnectionsEnd when !committed && IsNow():
                Strike($"the database ends the connections before statement {_at}: {statement}");
                _makers.EndConnections();
                break;
            case StoreFault.AnswerLost when committed && IsNow():
                Strike($"the answer to commit {_at} is lost");
                _makers.EndConnections();
                throw new NpgsqlException("The answer to a commit was lost.");
            case StoreFault.Killed when IsNow():
                Strike($"killed before statement {_at}: {statement}");
                _makers.Kill();
                break;
        }
    }

    public void AtStep()
    {
        if (_fault != StoreFault.TakenOver || !IsNow())
            return;
        Strike($"another process takes the job over at step {_at}");
        // A process that only reads yet becomes the writer afterwards, as it may.
        if (_makers.TakeOver())
            _changes = _makers.Changes();
    }

    /// <summary>The cycle is over.</summary>
    /// <returns>The fault ended it.</returns>
    /// <exception cref="InvariantBrokenException">The cycle wrote the state after it was taken over, or it says that the store failed,
    /// which it did not.</exception>
    public bool Ended(Exception? error)
    {
        if (_changes is { } changes && _makers.Changes() is var now && now != changes)
        {
            throw new InvariantBrokenException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"A process whose job was taken over wrote the state: {changes} writes became {now}."
                )
            );
        }
        bool isOfStore = error is ProvisioningException { ErrorId: var id } && s_errors.Contains(id, StringComparer.Ordinal);
        if (isOfStore && !_struck)
            throw new InvariantBrokenException($"The store did not fail, and the cycle ended with: {error!.Message}");
        return isOfStore && _fault != StoreFault.Killed;
    }

    private bool IsNow() => _left > 0 && --_left == 0;

    private void Strike(string what)
    {
        _struck = true;
        _makers.Tell("  " + what);
    }
}
