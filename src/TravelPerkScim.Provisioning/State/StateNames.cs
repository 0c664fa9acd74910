namespace TravelPerkScim.Provisioning.State;

/// <summary>Named values that belong to a place of a state. They do not move to another place with the state.</summary>
internal static class StateNames
{
    /// <summary>In PostgreSQL: the folder's name of the job whose state it is.</summary>
    public const string Job = "job";

    /// <summary>In a file: the number that the fence raises.</summary>
    public const string Epoch = "epoch";

    /// <summary>What is said of the state (<see cref="StateMark"/>).</summary>
    public const string Mark = "mark";

    /// <summary>All of them, as a list of SQL.</summary>
    public const string OfPlace = $"'{Job}', '{Epoch}', '{Mark}'";
}
