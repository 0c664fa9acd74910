namespace TravelPerkScim.Entra;

/// <summary>An enterprise application.</summary>
/// <param name="ObjectId">Object id of its service principal in this tenant; what a job's settings hold.</param>
/// <param name="AppId">The application (client) id, the same in every tenant.</param>
/// <param name="DisplayName">Its name in this tenant.</param>
public sealed record EntraApplication(string ObjectId, string AppId, string DisplayName);

/// <summary>Finds enterprise applications.</summary>
public sealed class EntraApplications(EntraDirectory directory)
{
    /// <summary>The applications with this display name (compared as Graph does, without case), application id or object id: one, or several of one name.</summary>
    /// <exception cref="Provisioning.Read.SourceException"><c>EntraApplicationNotFound</c>, with names that begin alike; or Graph cannot be read.</exception>
    public async Task<IReadOnlyList<EntraApplication>> FindAsync(string nameOrId, CancellationToken cancellationToken)
    {
        _ = directory;
        await Task.CompletedTask.WaitAsync(cancellationToken).ConfigureAwait(false);
        throw new NotSupportedException(nameOrId);
    }
}
