using System.Text.Json;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>Saves operations for review, and reads them back.</summary>
public static class PlanFile
{
    private const long MostBytes = 1L << 30;

    /// <summary>Writes operations of one plan to a JSON file, whole or not at all. Redacted values are written as [Redact]. A keyed digest
    /// for each operation tells whether the operation was edited.</summary>
    /// <param name="path">The file.</param>
    /// <param name="operations">Planned or imported operations, at least one.</param>
    /// <param name="cancellationToken">Stops the write. A file that was there stays as it was.</param>
    /// <exception cref="ProvisioningException"><c>PlanMixed</c>: operations of several plans. <c>PlanUnwritable</c>.
    /// <c>StateUnreadable</c>.</exception>
    public static Task SaveAsync(string path, IReadOnlyList<ProvisioningOperation> operations, CancellationToken cancellationToken)
    {
        try
        {
            PlanDocument document = Document(operations);
            cancellationToken.ThrowIfCancellationRequested();
            WholeFile.WritePrivate(WholeFile.Check(path), stream => PlanJson.Write(stream, document));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProvisioningException(
                "PlanUnwritable",
                $"The file '{path}' cannot be written: {e.Message} Check the folder, or give another path.",
                e
            );
        }
        return Task.CompletedTask;
    }

    /// <summary>Reads a plan file. The cycle that applies the operations checks whether they are still valid.</summary>
    /// <exception cref="ProvisioningException"><c>PlanNotFound</c>, <c>PlanUnreadable</c>, <c>PlanFileInvalid</c>.</exception>
    public static async Task<IReadOnlyList<ProvisioningOperation>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        PlanDocument? document;
        try
        {
            document = PlanJson.Read(
                await Task.Run(() => WholeFile.Read(WholeFile.Check(path), MostBytes), cancellationToken).ConfigureAwait(false)
            );
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProvisioningException("PlanNotFound", $"There is no file '{path}'. Export-ProvisioningPlan writes one.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProvisioningException("PlanUnreadable", $"The file '{path}' cannot be read: {e.Message}", e);
        }
        catch (JsonException e)
        {
            throw Invalid(
                path,
                e.LineNumber is { } line
                    ? FormattableString.Invariant($"Line {line + 1} is not what a plan has there.")
                    : "It is not the JSON of a plan.",
                e
            );
        }
        if (document is not { Format: PlanDocument.FormatName, Operations: not null })
            throw Invalid(path, "It has another format.", null);
        if (document.Version != PlanDocument.CurrentVersion)
        {
            throw Invalid(
                path,
                FormattableString.Invariant($"It has version {document.Version}, and this module knows {PlanDocument.CurrentVersion}."),
                null
            );
        }

        if (!document.Operations.All(entry => entry?.IsComplete() == true))
            throw Invalid(path, "An operation in it is not complete.", null);
        PlanDocument header = document with { Operations = [] };
        return [.. document.Operations.Select(entry => entry.ToOperation(header))];
    }

    private static ProvisioningException Invalid(string path, string why, Exception? e) =>
        new("PlanFileInvalid", $"'{path}' is not a plan: {why} Make one with Get-ProvisioningPlan and Export-ProvisioningPlan.", e);

    private static PlanDocument Document(IReadOnlyList<ProvisioningOperation> operations)
    {
        object[] plans = [.. operations.Select(PlanOf).Distinct().Take(2)];
        if (plans.Length != 1 || plans[0] is "")
        {
            throw new ProvisioningException(
                "PlanMixed",
                "The operations are not all of one plan. Export the operations of one run of Get-ProvisioningPlan or of one file."
            );
        }

        if (ImportedOperation.Of(operations[0]) is { } imported)
            return imported.Header with { Operations = [.. operations.Select(o => ImportedOperation.Of(o)!.Entry)] };

        ReviewedOrigin mark = ReviewedOrigin.Of(operations[0])!;
        ReviewKeys keys = StoredKeys(mark);
        var header = new PlanDocument
        {
            Format = PlanDocument.FormatName,
            Version = PlanDocument.CurrentVersion,
            Job = mark.Job.Name,
            JobKey = ReviewedOrigin.KeyOf(keys.Salt),
            CycleId = mark.CycleId,
            Target = mark.Job.Target,
            Made = mark.Made,
            Mapping = mark.Fingerprint,
        };
        return header with { Operations = [.. operations.Select(o => Sealed(header, PlanEntry.Of(o, keys), keys.Salt))] };
    }

    private static PlanEntry Sealed(PlanDocument header, PlanEntry entry, byte[] salt) =>
        entry with
        {
            Digest = header.DigestOf(entry, salt),
        };

    private static object PlanOf(ProvisioningOperation operation) =>
        ImportedOperation.Of(operation) is { } imported ? (imported.Header.JobKey, imported.Header.CycleId)
        : ReviewedOrigin.Of(operation) is { } mark ? (mark.Job.Path, mark.CycleId)
        : "";

    // A job that never ran has no keys yet. The keys are stored now, so that the job can recognize its plan file later.
    private static ReviewKeys StoredKeys(ReviewedOrigin mark)
    {
        using (var known = JobState.OpenReadOnly(mark.Job.Store))
        {
            if (known?.NamedBytes(JobState.SaltName) is { } salt && known.NamedBytes(ReviewKeys.RedactedName) is { } redacted)
                return new ReviewKeys(salt, redacted);
        }
        mark.Job.WithState(
            create: true,
            change: state =>
            {
                state.SetNamedBytes(JobState.SaltName, mark.Keys.Salt);
                state.SetNamedBytes(ReviewKeys.RedactedName, mark.Keys.Redacted);
            }
        );
        return mark.Keys;
    }
}
