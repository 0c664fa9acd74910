using System.Net.Http.Headers;
using System.Security;

namespace TravelPerkScim.Scim.Client;

/// <summary>A secret that does not change.</summary>
internal sealed class StaticCredential : ScimCredential
{
    private readonly string _scheme;
    private readonly SecureString _secret;

    public StaticCredential(string scheme, SecureString secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        _scheme = scheme;
        _secret = secret.Copy();
        _secret.MakeReadOnly();

        // Checked here, because the header's own check would put the value into its message.
        string text = Reveal();
        if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            _secret.Dispose();
            throw new ScimException(
                ScimFailure.Credential,
                "InvalidCredential",
                $"The {scheme} credential is empty or holds spaces, line breaks or other characters that cannot be sent. "
                    + "Copy it again, in one piece."
            );
        }
    }

    public override string ToString() => _scheme;

    protected internal override ValueTask ApplyAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue(_scheme, Reveal());
        return ValueTask.CompletedTask;
    }

    protected internal override string Redact(string text) => SecretEcho.Hide(text, Reveal());

    protected override void Dispose(bool disposing) => _secret.Dispose();

    private string Reveal() => SecretText.RevealTrimmed(_secret);
}
