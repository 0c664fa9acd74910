namespace TravelPerkScim.Provisioning.Job;

/// <summary>A move of a job's state to another place.</summary>
/// <param name="Job">The job's name.</param>
/// <param name="From">The former place: a file, or a key in a database.</param>
/// <param name="To">The place where the state is now.</param>
/// <param name="Rows">Rows that were copied; 0 when nothing had to be copied.</param>
/// <param name="Ended">An earlier move to this place was cut off, and this command ended it.</param>
public sealed record ProvisioningStateMove(string Job, string From, string To, long Rows, bool Ended);
