using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TravelPerkScim.Operations.Tests.Channels;

/// <summary>The certificate of the servers in the tests, for localhost and hook.example.</summary>
internal static class TestCertificate
{
    public static X509Certificate2 Trusted { get; } = Make();

    public static X509Certificate2 Unknown { get; } = Make();

    private static X509Certificate2 Make()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("hook.example");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
