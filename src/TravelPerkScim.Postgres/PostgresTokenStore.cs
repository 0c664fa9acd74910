using System.Collections.Concurrent;
using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.Postgres;

/// <summary>
/// The refresh tokens of one job, encrypted in the database. A token is spent only by the process that has the job's lease, and a new
/// token takes only the place of the one that this process read: two processes cannot overwrite each other's tokens.
/// </summary>
/// <param name="server">The database.</param>
/// <param name="job">The job's key in the database.</param>
/// <param name="keys">Encrypt the tokens.</param>
/// <param name="signsInAgain">A person signs in: a token that cannot be read is as good as none, and is replaced.</param>
internal sealed class PostgresTokenStore(PostgresServer server, string job, IStoreKeys keys, bool signsInAgain = false) : ITokenStore
{
    private const string Kind = "token";
    private const string Jobs = $"{PostgresSchema.Name}.job";
    private const string Tokens = $"{PostgresSchema.Name}.token";

    // The token endpoint has 30 seconds to answer, and the new token is written after that.
    private const string Rotation = "interval '35 seconds'";

    // Ciphertext by the token's name, as it was read or written last. No ciphertext is empty.
    private readonly ConcurrentDictionary<string, byte[]> _known = new(StringComparer.Ordinal);

    public async Task BeforeRenewalAsync(CancellationToken cancellationToken)
    {
        object? mine = await ScalarAsync(
                $"SELECT 1 FROM {Jobs} WHERE key = $1 AND owner = $2 AND expires > clock_timestamp() + {Rotation}",
                cancellationToken,
                job,
                server.Owner
            )
            .ConfigureAwait(false);
        if (mine is null)
        {
            throw Unavailable(
                $"The sign-in of the job '{job}' was not renewed, because this process does not have the job any more: "
                    + "the job's lease was not renewed in time, and another process may renew the sign-in. The next cycle goes on."
            );
        }
    }

    public async Task<SecureString?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        object? found = await ScalarAsync(
                $"SELECT bytes FROM {Tokens} WHERE job = (SELECT id FROM {Jobs} WHERE key = $1) AND name = $2",
                cancellationToken,
                job,
                name
            )
            .ConfigureAwait(false);
        if (found is not byte[] encrypted)
        {
            _known.TryRemove(name, out _);
            return null;
        }
        _known[name] = encrypted;
        return Decrypted(encrypted);
    }

    public async Task WriteAsync(string name, SecureString refreshToken, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(refreshToken);
        byte[] encrypted = Encrypted(refreshToken);
        object? written = await ScalarAsync(
                $"""
                INSERT INTO {Tokens} (job, name, bytes) SELECT id, $2, $3 FROM {Jobs} WHERE key = $1
                ON CONFLICT (job, name) DO UPDATE SET bytes = excluded.bytes WHERE token.bytes = $4
                RETURNING 1
                """,
                cancellationToken,
                job,
                name,
                encrypted,
                _known.GetValueOrDefault(name, [])
            )
            .ConfigureAwait(false);
        if (written is not null)
            _known[name] = encrypted;
        else if (!await IsKeptAsync(name, refreshToken, cancellationToken).ConfigureAwait(false))
            throw Unavailable($"Another process has signed the job '{job}' in meanwhile, so its token was kept. The next cycle uses it.");
    }

    public Task RemoveAsync(string name, CancellationToken cancellationToken) =>
        ScalarAsync($"DELETE FROM {Tokens} WHERE job = (SELECT id FROM {Jobs} WHERE key = $1) AND name = $2", cancellationToken, job, name);

    // The answer to an earlier attempt may have been lost.
    private async Task<bool> IsKeptAsync(string name, SecureString refreshToken, CancellationToken cancellationToken)
    {
        using SecureString? kept = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
        return kept is not null && SecretText.Reveal(kept) == SecretText.Reveal(refreshToken);
    }

    private byte[] Encrypted(SecureString token)
    {
        byte[] plain = Encoding.UTF8.GetBytes(SecretText.Reveal(token));
        try
        {
            return keys.Protect(Kind, job, plain);
        }
        catch (CryptographicException e)
        {
            throw Unavailable($"The sign-in of the job '{job}' cannot be encrypted with {keys.Name}: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private SecureString? Decrypted(byte[] encrypted)
    {
        byte[] plain = [];
        try
        {
            plain = keys.Unprotect(Kind, job, encrypted);
            return new NetworkCredential("", Encoding.UTF8.GetString(plain)).SecurePassword;
        }
        catch (CryptographicException) when (signsInAgain)
        {
            return null;
        }
        catch (CryptographicException e)
        {
            throw new ScimException(
                ScimFailure.SecretStore,
                "TokenKeyMissing",
                $"The sign-in of the job '{job}' is in the {server.Name} and cannot be read with {keys.Name}: "
                    + "its key is not there. The token was left as it is. Put the folder of keys back from the backup. "
                    + "If the keys are lost, sign in again: start the worker once with the same settings and --sign-in JOB.",
                e
            );
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private async Task<object?> ScalarAsync(string sql, CancellationToken cancellationToken, params object[] values)
    {
        try
        {
            // The job's row and the tables were made when the job was claimed.
            using NpgsqlCommand command = server.Command(sql, values);
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is DbException or SocketException)
        {
            throw Unavailable($"The sign-in of the job '{job}' is in the {server.Name}: {e.Message} {PostgresFailure.Advice(e)}", e);
        }
    }

    private static ScimException Unavailable(string message, Exception? inner = null) =>
        new(ScimFailure.SecretStore, "TokenStoreUnavailable", message, inner);
}
