using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Where a job's state is. Two stores of the same state are equal.</summary>
internal interface IStateStore
{
    /// <summary>How messages call the state.</summary>
    string Name { get; }

    /// <summary>The job has a state.</summary>
    bool Exists { get; }

    /// <summary>Opens the state for reading and writing, and makes it when there is none.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>; <c>JobFileIsLink</c>.</exception>
    StateDatabase Open();

    /// <summary>Opens the state to look at it; null when the job has no state.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>; <c>JobFileIsLink</c>.</exception>
    StateDatabase? OpenToLook();
}
