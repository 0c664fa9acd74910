namespace TravelPerkScim.Entra.Connection;

/// <summary>Ways to sign in to Entra.</summary>
public enum EntraSignInKind
{
    /// <summary>A person, in the system's browser.</summary>
    InteractiveBrowser,

    /// <summary>A person, in a browser on any device.</summary>
    DeviceCode,

    /// <summary>An application, with a client secret.</summary>
    ClientSecret,

    /// <summary>An application, with a certificate.</summary>
    Certificate,

    /// <summary>The managed identity of the Azure resource this runs on.</summary>
    ManagedIdentity,

    /// <summary>An application, with the token of a Kubernetes service account or another federated identity.</summary>
    WorkloadIdentity,

    /// <summary>An access token that another program acquired.</summary>
    AccessToken,
}
