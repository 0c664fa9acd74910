using System.Text;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.SignIn;

/// <summary>The parameters of one OAuth request. RFC 6749 section 3.1: empty is as good as absent, and none may be there twice.</summary>
internal sealed class OAuthParameters
{
    private readonly ILookup<string, string> _values;

    private OAuthParameters(string encoded)
    {
        _values = SandboxRequest
            .ReadPairs(encoded)
            .Where(pair => pair.Value.Length > 0)
            .ToLookup(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        if (_values.Any(group => group.Count() > 1))
            throw OAuthErrorException.InvalidRequest("A parameter is there more than once.");
    }

    /// <exception cref="OAuthErrorException">invalid_request: a parameter is there twice.</exception>
    public static OAuthParameters OfQuery(SandboxRequest request) => new(request.QueryText);

    /// <exception cref="OAuthErrorException">invalid_request: a parameter is there twice.</exception>
    public static OAuthParameters OfForm(SandboxRequest request) => new(Encoding.UTF8.GetString(request.Body.Span));

    public string? this[string name] => _values[name].FirstOrDefault();

    /// <exception cref="OAuthErrorException">invalid_request.</exception>
    public string Required(string name) => this[name] ?? throw OAuthErrorException.InvalidRequest($"The parameter {name} is missing.");
}
