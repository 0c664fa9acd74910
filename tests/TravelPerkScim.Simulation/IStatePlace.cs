using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.Simulation;

/// <summary>Where a history keeps the states of its jobs.</summary>
internal interface IStatePlace : IDisposable
{
    /// <summary>Cycles that a fault of the store ended.</summary>
    int Faults { get; }

    /// <summary>The key of a new job's state; null where the state is in the job's folder.</summary>
    string? KeyOf(string job);

    /// <summary>Lets a job find its state.</summary>
    void Attach(ProvisioningJob job);

    /// <summary>Copies what is committed at this moment. It is all that a killed process leaves behind.</summary>
    /// <param name="job">The job whose process is killed.</param>
    /// <param name="folder">The folder of the next job. It has the settings already.</param>
    void Survive(ProvisioningJob job, string folder);

    /// <summary>From now on the store may fail.</summary>
    /// <param name="job">The job whose cycle begins.</param>
    /// <param name="kill">Kills the process.</param>
    void BeginTrouble(ProvisioningJob job, Action kill);

    /// <summary>The process is between two steps. No transaction is open.</summary>
    void Step();

    /// <summary>The cycle is over, and the store works again.</summary>
    /// <param name="error">What the cycle ended with; null when it ended well.</param>
    /// <exception cref="InvariantBrokenException">The cycle did what a store that fails does not allow.</exception>
    void EndTrouble(Exception? error);
}

/// <summary>The places there are.</summary>
internal static class StatePlace
{
    /// <param name="store">Connection string of a PostgreSQL database; null for files.</param>
    /// <param name="history">The history's name, such as "seed-7".</param>
    /// <param name="seed">What faults of the store follow from.</param>
    /// <param name="time">The history's clock.</param>
    /// <param name="tell">Takes the lines of the story.</param>
    public static IStatePlace At(string? store, string history, int seed, TimeProvider time, Action<string> tell) =>
        store is null ? new FilePlace() : new PostgresPlace(store, history, seed, time, tell);
}
