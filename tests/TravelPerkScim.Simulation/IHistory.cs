namespace TravelPerkScim.Simulation;

/// <summary>Some cycles of one job in virtual time, and what must hold in the end.</summary>
internal interface IHistory : IAsyncDisposable
{
    /// <summary>What it is called in a message, and how it is run alone.</summary>
    string Name { get; }

    /// <summary>What happened, for the reader of a failure.</summary>
    IReadOnlyList<string> Story { get; }

    long Requests { get; }

    int Cycles { get; }

    int Kills { get; }

    /// <summary>Cycles that a fault of the store ended.</summary>
    int StoreFaults { get; }

    /// <exception cref="InvariantBrokenException">Something happened that must not.</exception>
    Task RunAsync();
}
