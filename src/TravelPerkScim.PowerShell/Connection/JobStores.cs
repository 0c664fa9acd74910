using System.Management.Automation;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>Opens jobs for commands. A job whose state is shared gets the database of the session: the one that Connect-ProvisioningStore
/// connected, or else the one whose file an environment variable names, as in a runbook. job.json never names the database.</summary>
internal static class JobStores
{
    /// <summary>The environment variable with the path of the file that holds the connection string.</summary>
    public const string Variable = "TRAVELPERKSCIM_STORE";

    /// <summary>Opens a job's folder.</summary>
    /// <exception cref="ProvisioningException"><c>JobNotFound</c>; <c>JobSettingsInvalid</c>; <c>JobUnreadable</c>.</exception>
    /// <exception cref="CommandException"><c>StoreUnusable</c>: the environment variable names no file that can be used.</exception>
    public static async Task<ProvisioningJob> OpenAsync(string folder, CancellationToken cancellationToken)
    {
        var job = ProvisioningJob.Open(folder);
        if (job.IsShared && await FindAsync(cancellationToken).ConfigureAwait(false) is { } store)
            store.Attach(job);
        return job;
    }

    /// <summary>Gives a job the store that is connected already. For completers, which must not wait. On a pipeline thread.</summary>
    public static ProvisioningJob WithConnected(ProvisioningJob job)
    {
        if (job.IsShared)
            RunspaceSession.Current.Store?.Attach(job);
        return job;
    }

    /// <summary>The store of the session; null when none is connected and the environment variable is not set.</summary>
    /// <exception cref="CommandException"><c>StoreUnusable</c>.</exception>
    public static async Task<ProvisioningStore?> FindAsync(CancellationToken cancellationToken)
    {
        ProvisioningStore? connected = await AsyncCmdlet.OnRunningPipelineAsync(() => RunspaceSession.Current.Store).ConfigureAwait(false);
        if (connected is not null || Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
            return connected;
        ProvisioningStore store = await ConnectAsync(() => ProvisioningStore.AtFileAsync(path, cancellationToken), $"${{env:{Variable}}}")
            .ConfigureAwait(false);
        await UseAsync(store).ConfigureAwait(false);
        return store;
    }

    /// <summary>The store that a command cannot do without.</summary>
    /// <exception cref="CommandException"><c>StoreNotConnected</c>; <c>StoreUnusable</c>.</exception>
    public static async Task<ProvisioningStore> RequireAsync(CancellationToken cancellationToken) =>
        await FindAsync(cancellationToken).ConfigureAwait(false)
        ?? throw new CommandException(
            "StoreNotConnected",
            ErrorCategory.ConnectionError,
            "This session knows no shared database. "
                + "Run Connect-ProvisioningStore -Path first, with the file that the worker's --store names."
        );

    /// <summary>Makes a connection, and says which parameter gave a text that is none.</summary>
    /// <exception cref="CommandException"><c>StoreUnusable</c>.</exception>
    public static async Task<ProvisioningStore> ConnectAsync(Func<Task<ProvisioningStore>> connect, string given)
    {
        try
        {
            return await connect().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ProvisioningException or ArgumentException)
        {
            // The parameter's name follows the message of an ArgumentException.
            string reason = e.Message.Split(" (Parameter")[0];
            throw new CommandException("StoreUnusable", ErrorCategory.InvalidArgument, $"The store was not connected: {given}. {reason}");
        }
    }

    /// <summary>Tries the database whose connection string is in a file, and lets it go again.</summary>
    /// <exception cref="CommandException"><c>StoreUnusable</c>.</exception>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: the database does not answer, or refuses.</exception>
    public static async Task TestAsync(string file, string given, CancellationToken cancellationToken)
    {
        using ProvisioningStore store = await ConnectAsync(() => ProvisioningStore.AtFileAsync(file, cancellationToken), given)
            .ConfigureAwait(false);
        store.Test();
    }

    /// <summary>Lets the commands of this runspace use a store from now on.</summary>
    public static Task UseAsync(ProvisioningStore? store) =>
        AsyncCmdlet.OnRunningPipelineAsync(() =>
        {
            RunspaceSession session = RunspaceSession.Current;
            session.Store?.Dispose();
            return session.Store = store;
        });
}
