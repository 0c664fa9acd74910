using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that change who is assigned: users and groups come through the pipeline and go out 20 at once.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class EntraAssignmentCommand : EntraCommand
{
    private readonly List<string> _batch = [];
    private EntraAssignments? _assignments;
    private string? _batchRole;

    private protected EntraAssignmentCommand() { }

    /// <summary>The application: its name, application id or object id, or what Get-EntraApplication found.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public EntraApplicationIdentity Application { get; set; } = null!;

    /// <summary>Users and groups: userPrincipalNames, display names of groups, object ids, or objects with a PrincipalId, ObjectId, Id or
    /// UserPrincipalName.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PrincipalId", "ObjectId", "Id", "UserPrincipalName")]
    [ValidateNotNullOrEmpty]
    public string[] Principal { get; set; } = [];

    private protected abstract string? RoleName { get; }

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (_batch.Count > 0 && !string.Equals(_batchRole, RoleName, StringComparison.Ordinal))
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        _batchRole = RoleName;
        foreach (string principal in Principal)
        {
            _batch.Add(principal);
            if (_batch.Count >= EntraAssignments.BatchSize)
                await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken) => FlushAsync(cancellationToken);

    private protected abstract Task ChangeAsync(
        EntraAssignments assignments,
        IReadOnlyList<string> principals,
        string? role,
        CancellationToken cancellationToken
    );

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_batch.Count == 0)
            return;
        string[] principals = [.. _batch];
        _batch.Clear();
        // Without the application no input can be changed, so the command ends.
        _assignments ??= await EntraAssignments.OpenAsync(Entra, Application, writes: true, cancellationToken).ConfigureAwait(false);
        await ChangeAsync(_assignments, principals, _batchRole, cancellationToken).ConfigureAwait(false);
    }
}
