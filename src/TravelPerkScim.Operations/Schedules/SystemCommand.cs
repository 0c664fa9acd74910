using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Schedules;

/// <summary>Runs the programs that schedulers are changed with.</summary>
internal static class SystemCommand
{
    /// <summary>ENOENT, and ERROR_FILE_NOT_FOUND: both are 2.</summary>
    private const int NoSuchFile = 2;

    private const int MostShown = 400;

    /// <summary>Runs a program without a shell and gives what it wrote.</summary>
    /// <param name="program">Its name, found on the PATH, or its path.</param>
    /// <param name="arguments">Its arguments, none of them quoted.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <param name="input">What it reads; null for nothing.</param>
    /// <returns>Exit code, output, and errors.</returns>
    /// <exception cref="ProvisioningException"><c>SchedulerFailed</c>: there is no such program.</exception>
    public static async Task<(int ExitCode, string Output, string Error)> TryAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string? input = null
    )
    {
        var how = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        foreach (string argument in arguments)
            how.ArgumentList.Add(argument);
        // The output is read by its English words.
        how.Environment["LC_ALL"] = "C";
        using var process = new Process { StartInfo = how };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            string why = e.NativeErrorCode == NoSuchFile ? "it is not installed on this machine." : e.Message;
            throw new ProvisioningException(
                "SchedulerFailed",
                $"The program '{program}' cannot be run: "
                    + $"{why} Install it, choose another scheduler with -Kind, or run the job in the worker.",
                e
            )
            {
                Failure = ProvisioningFailure.SchedulerMissing,
            };
        }
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken),
                error = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken).ConfigureAwait(false);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // The program ended before it had read everything; its exit code says why.
            }
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>The same for a program that has to succeed.</summary>
    /// <exception cref="ProvisioningException"><c>SchedulerFailed</c>, with what the program said.</exception>
    public static async Task<string> RunAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string? input = null
    )
    {
        string[] words = [.. arguments];
        (int code, string output, string error) = await TryAsync(program, words, cancellationToken, input).ConfigureAwait(false);
        if (code == 0)
            return output;
        string said = ShownText.Of(
            string.Join(
                ' ',
                (error.Length > 0 ? error : output).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            )
        );
        throw new ProvisioningException(
            "SchedulerFailed",
            FormattableString.Invariant(
                $"'{program} {string.Join(' ', words)}' ended with exit code {code}: {(said.Length > MostShown ? said[..MostShown] : said)}"
            )
        );
    }
}
