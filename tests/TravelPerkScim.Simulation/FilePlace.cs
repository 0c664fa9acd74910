using Microsoft.Data.Sqlite;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.Simulation;

/// <summary>Each job keeps its state in a file of its folder. The disk does not fail.</summary>
internal sealed class FilePlace : IStatePlace
{
    public int Faults => 0;

    public string? KeyOf(string job) => null;

    public void Attach(ProvisioningJob job) { }

    public void Survive(ProvisioningJob job, string folder)
    {
        string state = Path.Combine(job.Path, "state.db");
        if (!File.Exists(state))
            return;
        using var from = new SqliteConnection($"Data Source={state};Mode=ReadWrite;Pooling=False");
        using var to = new SqliteConnection($"Data Source={Path.Combine(folder, "state.db")};Pooling=False");
        from.Open();
        to.Open();
        from.BackupDatabase(to);
    }

    public void BeginTrouble(ProvisioningJob job, Action kill) { }

    public void Step() { }

    public void EndTrouble(Exception? error) { }

    public void Dispose() => SqliteConnection.ClearAllPools();
}
