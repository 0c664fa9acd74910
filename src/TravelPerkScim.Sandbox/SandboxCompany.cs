using System.Security;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Service;

namespace TravelPerkScim.Sandbox;

/// <summary>Another company in the sandbox, see <see cref="TravelPerkSandbox.AddCompany"/>. Thread-safe.</summary>
public sealed class SandboxCompany
{
    private readonly SandboxService _service;
    private readonly SecureString _apiKey;

    internal SandboxCompany(SandboxService service, SecureString apiKey)
    {
        _service = service;
        _apiKey = apiKey;
    }

    /// <summary>Users that exist.</summary>
    public int UserCount => _service.Users.Read(index => index.Count);

    /// <summary>The users as they are now, in order of id.</summary>
    public IEnumerable<JsonObject> Users => _service.AllUsers;

    /// <summary>Writes carried out, added users included.</summary>
    public long WriteCount => _service.Users.WriteCount + (_service.Groups?.WriteCount ?? 0);

    /// <summary>Requests answered with this company's key.</summary>
    public long RequestCount => _service.Log.Total;

    /// <summary>The API key clients must send. The caller disposes of the copy.</summary>
    public SecureString GetApiKey() => _apiKey.Copy();

    /// <summary>Adds a user as POST would, without a request; <c>schemas</c> may be left out. Returns its id.</summary>
    /// <exception cref="ArgumentException">POST would have refused it; the message is the server's.</exception>
    public string AddUser(JsonObject user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return _service.Add(user);
    }
}
