using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>
/// Base of the cmdlets that wait for something. The three overrides run on the thread pool and use the <c>*Async</c> writers; session state
/// (paths, variables, the runspace) must be read on the pipeline thread, in <see cref="Prepare"/>.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class AsyncCmdlet : PSCmdlet, IDisposable
{
    private static readonly AsyncLocal<AsyncCmdlet?> s_running = new();

    private readonly CancellationTokenSource _stopping = new();
    private readonly DeferredErrors _errors;
    private PipelinePump? _pump;

    private protected AsyncCmdlet() => _errors = new DeferredErrors(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes one request as a verbose message of the running cmdlet.</summary>
    /// <remarks>A connection is shared, so a request belongs to the cmdlet that awaits it.</remarks>
    internal static void TraceRequest(ScimRequestTrace request) => s_running.Value?.PostVerbose(Describe(request));

    /// <summary>Runs a call on the pipeline thread of the running cmdlet, for a connection that needs a command of the session. The call
    /// must not throw.</summary>
    /// <exception cref="OperationCanceledException">No cmdlet runs, or it ends.</exception>
    internal static Task<T> OnRunningPipelineAsync<T>(Func<T> call) =>
        s_running.Value?._pump?.InvokeAsync(call) ?? Task.FromCanceled<T>(new CancellationToken(canceled: true));

    /// <summary>Runs on the pipeline thread before the first record.</summary>
    private protected virtual void Prepare() { }

    private protected virtual Task BeginProcessingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private protected virtual Task ProcessRecordAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private protected virtual Task EndProcessingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Says what was done before Ctrl+C stopped the command; null when nothing was. Runs on the pipeline thread.</summary>
    private protected virtual string? DescribeStop() => null;

    /// <inheritdoc/>
    protected sealed override void BeginProcessing()
    {
        try
        {
            Prepare();
        }
        catch (Exception exception) when (ErrorRecords.IsOurs(exception))
        {
            ThrowTerminatingError(ErrorRecords.From(exception, null));
        }

        Run(BeginProcessingAsync);
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Run(ProcessRecordAsync);

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        Run(EndProcessingAsync);
        _errors.Release();
    }

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => _stopping.Cancel();

    private protected Task WriteObjectAsync(object? value) => InvokeAsync(() => WriteObject(value));

    /// <summary>Writes an error about one item. The error never ends the command before all items are done.</summary>
    private protected Task WriteErrorAsync(ErrorRecord error) => InvokeAsync(() => _errors.Write(error));

    /// <summary>Ends the command. The awaiting work is cancelled.</summary>
    private protected Task ThrowTerminatingErrorAsync(ErrorRecord error) => InvokeAsync(() => ThrowTerminatingError(error));

    /// <summary>Writes a warning; null writes nothing.</summary>
    private protected Task WriteWarningAsync(string? text) =>
        text is null ? Task.CompletedTask : InvokeAsync(() => WriteWarning(ShownText.Of(text)));

    private protected Task WriteVerboseAsync(string text) => InvokeAsync(() => WriteVerbose(ShownText.Of(text)));

    /// <summary>A line that shows with -InformationAction Continue or -InformationVariable.</summary>
    private protected Task WriteInformationAsync(string text, string tag) => InvokeAsync(() => WriteInformation(ShownText.Of(text), [tag]));

    private protected Task WriteDebugAsync(string text) => InvokeAsync(() => WriteDebug(ShownText.Of(text)));

    internal Task WriteProgressAsync(ProgressRecord record) => InvokeAsync(() => WriteProgress(record));

    /// <summary>Shows a wait as progress and as a verbose message, from any thread.</summary>
    private protected IProgress<string> WaitProgress(string activity) => new WaitReporter(this, activity);

    private protected Task<bool> ShouldProcessAsync(string target, string action) =>
        Pump.InvokeAsync(() => ShouldProcess(ShownText.Of(target), ShownText.Of(action)));

    /// <summary>Also returns the reason of a no: -WhatIf, or the answer.</summary>
    private protected Task<(bool Go, ShouldProcessReason Reason)> ShouldProcessAsync(string description, string question, string caption) =>
        Pump.InvokeAsync(() =>
            (
                ShouldProcess(ShownText.Of(description), ShownText.Of(question), ShownText.Of(caption), out ShouldProcessReason reason),
                reason
            )
        );

    /// <summary>The file system path of a typed path: relative to the current location, or on a PowerShell drive.</summary>
    private protected Task<string> ResolvePathAsync(string path) =>
        Pump.InvokeAsync(() =>
        {
            string resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(
                WholeFile.Check(path),
                out ProviderInfo provider,
                out _
            );
            return provider.Name == "FileSystem"
                ? resolved
                : throw new CommandException(
                    "NotFileSystemPath",
                    ErrorCategory.InvalidArgument,
                    $"'{path}' is on a drive of the {provider.Name} provider. Give a path in the file system."
                );
        });

    /// <summary>Runs a call on the pipeline thread, because it may run a script of the user, such as a script property.</summary>
    private protected Task<T> OnPipelineAsync<T>(Func<T> read) => Pump.InvokeAsync(read);

    private protected Task<bool> ShouldContinueAsync(string query, string caption) =>
        Pump.InvokeAsync(() => ShouldContinue(ShownText.Of(query), ShownText.Of(caption)));

    /// <summary>Runs an action for one input object. A failure is an error about that object and does not stop the others.</summary>
    private protected async Task AttemptAsync(object target, Func<Task> action)
    {
        ErrorRecord error;
        try
        {
            await action().ConfigureAwait(false);
            return;
        }
        catch (Exception exception) when (ErrorRecords.IsOurs(exception) || ErrorRecords.IsUnexpected(exception))
        {
            error = ErrorRecords.From(exception, target);
        }

        await WriteErrorAsync(error).ConfigureAwait(false);
    }

    private PipelinePump Pump => _pump ?? throw new PipelineStoppedException();

    private Task<bool> InvokeAsync(Action call) =>
        Pump.InvokeAsync(() =>
        {
            call();
            return true;
        });

    private static string Describe(ScimRequestTrace request)
    {
        string answer = request.Status is { } status ? $"{(int)status} {status}" : request.Failure ?? "no answer";
        string attempt = request.Attempt > 1 ? $", attempt {request.Attempt}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{request.Method} {request.Path}: {answer} in {request.Elapsed.TotalMilliseconds:0} ms{attempt}"
        );
    }

    // PowerShell's own exceptions come from the calls on its thread, not from the work.
    private static async Task WrapUnexpectedAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (ErrorRecords.IsUnexpected(exception))
        {
            throw ProvisioningException.Unexpected(exception);
        }
    }

    private sealed class WaitReporter(AsyncCmdlet cmdlet, string activity) : IProgress<string>
    {
        private const int ActivityId = 0x5C2;

        public void Report(string value) =>
            cmdlet._pump?.Post(() =>
            {
                cmdlet.WriteVerbose(ShownText.Of(value));
                cmdlet.WriteProgress(new ProgressRecord(ActivityId, ShownText.Of(activity), ShownText.Of(value)));
            });
    }

    private void PostVerbose(string text) => _pump?.Post(() => WriteVerbose(ShownText.Of(text)));

    private void Run(Func<CancellationToken, Task> work)
    {
        using var pump = new PipelinePump();
        _pump = pump;
        try
        {
            pump.Run(
                async token =>
                {
                    s_running.Value = this;
                    await WrapUnexpectedAsync(work, token).ConfigureAwait(false);
                },
                _stopping.Token
            );
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or PipelineStoppedException && _stopping.IsCancellationRequested)
        {
            // A stopped pipeline accepts no warning any more. The host of the prompt does.
            if (DescribeStop() is { } text)
                Host?.UI?.WriteWarningLine(ShownText.Of(text));
            throw new PipelineStoppedException();
        }
        catch (Exception exception) when (ErrorRecords.IsOurs(exception))
        {
            ThrowTerminatingError(ErrorRecords.From(exception, null));
        }
        finally
        {
            _pump = null;
        }
    }
}
