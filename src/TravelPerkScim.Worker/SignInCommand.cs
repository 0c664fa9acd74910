using System.Runtime.InteropServices;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Worker.Settings;

namespace TravelPerkScim.Worker;

/// <summary>Lets an administrator sign a job in with OAuth, so that each worker can run it. The job has no cycle meanwhile.</summary>
internal static class SignInCommand
{
    /// <returns>The process's exit code.</returns>
    /// <exception cref="ArgumentException">The store or the keys cannot be used.</exception>
    public static async Task<int> RunAsync(WorkerOptions options, TextWriter told, TextWriter failed)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using SharedStates states = WorkerHost.OpenStates(options)!;
        using var keyVault = new KeyVaultReader();
        try
        {
            var job = ProvisioningJob.Open(Path.Combine(options.Folder, options.SignIn!));
            states.Attach(job, signsInAgain: true);
            using IDisposable claim = states.Claim(job);
            var secrets = new SecretReader(keyVault: keyVault);
            await JobSignIn.AuthorizeAsync(job, secrets, options.Targets, options.RedirectPort, ShowAsync, stop.Token);
            await told.WriteLineAsync($"The job '{job.Name}' is signed in. The token is in the {states}, encrypted.");
            return 0;
        }
        catch (OperationCanceledException)
        {
            await failed.WriteLineAsync("The sign-in was stopped. The token of before is still there.");
        }
        catch (Exception e) when (e is ProvisioningException or ScimException)
        {
            await failed.WriteLineAsync(e.Message);
        }
        return 1;

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        Task ShowAsync(Uri address) =>
            told.WriteLineAsync(
                "Open this address in a browser on this machine, sign in as a TravelPerk administrator and choose Authorize App. "
                    + $"From another machine, forward the redirect port first (ssh -L).\n{address.AbsoluteUri}"
            );
    }
}
