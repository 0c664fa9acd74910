using System.Management.Automation;
using System.Net;
using System.Security;
using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Starts an embedded TravelPerk in this process.</summary>
/// <remarks>
/// <para>The sandbox is a SCIM service with TravelPerk's attributes, rules and error texts. It listens on this machine only, at a free
/// port, keeps its users in memory, and ends with Stop-ScimSandbox, with the runspace, or when the module is removed.</para>
/// <para>Behaviours imitate a faulty service. Switch them on at the start with -Behavior, or later with the object's SetBehavior
/// method.</para>
/// </remarks>
/// <example>
/// <para>Start and connect</para>
/// <code>Start-ScimSandbox | Connect-TravelPerk</code>
/// <para>The connection signs in with the sandbox's own random API key.</para>
/// </example>
/// <example>
/// <para>Start one with users and a rate limit</para>
/// <code>$sandbox = Start-ScimSandbox -UserCount 500 -RateLimit 25
/// $sandbox | Connect-TravelPerk</code>
/// <para>Holds 500 made-up users and answers more than 25 requests a second with 429 and Retry-After.</para>
/// </example>
/// <example>
/// <para>Make answers slow</para>
/// <code>$sandbox.SetBehavior('SlowHeaders', $true, 5)</code>
/// <para>Delays each answer by five seconds. The argument false switches it off again.</para>
/// </example>
/// <example>
/// <para>Accept values without keeping them</para>
/// <code>$manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager'
/// $sandbox = Start-ScimSandbox -NotKept name.givenName, $manager
/// $sandbox.SetNotKept('title')</code>
/// <para>The sandbox answers changes of given name and manager with success and keeps the old values. After SetNotKept it keeps only the
/// old title.</para>
/// </example>
/// <example>
/// <para>Refuse each third request</para>
/// <code>$sandbox.SetBehavior('TooManyRequestsByCount', $true, 3)</code>
/// <para>Answers each third request with 429, at any rate of requests.</para>
/// </example>
/// <example>
/// <para>Connect with another company's key</para>
/// <code>$other = $sandbox.AddCompany()
/// Connect-TravelPerk $other.GetApiKey() -BaseUri $sandbox.BaseUri</code>
/// <para>Another company has users of its own under the same address, whose ids overlap. A job of the first company must notice.</para>
/// </example>
/// <example>
/// <para>Use it from another process</para>
/// <code>$key = ConvertTo-SecureString 'try-me' -AsPlainText
/// Start-ScimSandbox -Port 8085 -ApiKey $key -UserCount 20
/// curl -H 'Authorization: ApiKey try-me' -H 'Api-Version: 1' http://127.0.0.1:8085/api/v2/scim/Users</code>
/// <para>The sandbox listens at a known address with a known key as long as this session runs.</para>
/// </example>
/// <example>
/// <para>Test your own job with Pester</para>
/// <code>Describe 'Our mapping' {
///     BeforeAll {
///         Start-ScimSandbox | Connect-TravelPerk
///         New-ProvisioningJob $TestDrive/job -Source ./users.csv -Mapping ./mapping.json
///     }
///     AfterAll { Stop-ScimSandbox }
///     It 'gives every user a cost center' {
///         Invoke-Provisioning $TestDrive/job
///         Get-ScimUser | Where-Object { -not $_.CostCenter } | Should -BeNullOrEmpty
///     }
/// }</code>
/// <para>The suite provisions your users into an embedded TravelPerk and checks the result.</para>
/// </example>
/// <seealso>Stop-ScimSandbox</seealso>
/// <seealso>Connect-TravelPerk</seealso>
[Cmdlet(VerbsLifecycle.Start, "ScimSandbox", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, HelpUri = HelpPages.Scim)]
[OutputType(typeof(TravelPerkSandbox))]
public sealed class StartScimSandboxCommand : PSCmdlet
{
    /// <summary>The number of made-up users at the start, the same users each time. Each tenth user manages the nine that follow.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int UserCount { get; set; }

    /// <summary>The API key to accept. Without it, a random key, which Connect-TravelPerk -Sandbox gets from the object.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? ApiKey { get; set; }

    /// <summary>The most users on one page, whatever a request asks for. Perk publishes 50.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int PageCap { get; set; } = 50;

    /// <summary>Requests a second; more are answered with 429 and Retry-After. Without it there is no limit.</summary>
    [Parameter]
    [ValidateRange(0.01, 1_000_000)]
    public double? RateLimit { get; set; }

    /// <summary>The most requests at a time; more are answered with 503. Without it there is no limit. The object's ConcurrencyLimit
    /// changes it later.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int? ConcurrencyLimit { get; set; }

    /// <summary>Names of the cost centres that exist; users with others are refused. Without it any name is taken.</summary>
    [Parameter]
    [ValidateNotNull]
    public string[]? CostCenter { get; set; }

    /// <summary>Names of the travel policies that exist; users with others are refused. Without it any name is taken.</summary>
    [Parameter]
    [ValidateNotNull]
    public string[]? TravelPolicy { get; set; }

    /// <summary>Names of the invoice profiles that exist; users with others are refused. Without it any name is taken.</summary>
    [Parameter]
    [ValidateNotNull]
    public string[]? InvoiceProfile { get; set; }

    /// <summary>Makes each manager the approver of their reports, as TravelPerk does when automatic approval process creation is
    /// on.</summary>
    [Parameter]
    public SwitchParameter CreateApprovalProcesses { get; set; }

    /// <summary>Publishes the resource type Group and answers at /Groups, which TravelPerk itself does not.</summary>
    [Parameter]
    public SwitchParameter Groups { get; set; }

    /// <summary>Also publishes Perk's expense extension of users, which TravelPerk has where its expense product is on.</summary>
    [Parameter]
    public SwitchParameter Expense { get; set; }

    /// <summary>Files with further SCIM schema documents of users: an extension, or attributes of the core schema that TravelPerk does not
    /// publish. The sandbox lists them at Schemas, keeps their values, and obeys their types, mutability and returned.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] SchemaFile { get; set; } = [];

    /// <summary>Hostile behaviours to begin with.</summary>
    [Parameter]
    [ValidateNotNull]
    public SandboxBehavior[] Behavior { get; set; } = [];

    /// <summary>Attributes of users that are accepted but not kept, such as title, name.givenName or
    /// urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager. A change leaves the old value. A new user does not get the
    /// value, unless users must have one. An extension's URN stands for all its attributes. The object's SetNotKept method changes it
    /// later.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] NotKept { get; set; } = [];

    /// <summary>The port on 127.0.0.1. Without it the sandbox takes a free port. With -Port and -ApiKey, other processes know the address
    /// and the key beforehand.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>The delay of each answer, such as 0:0:0.2 for 200 ms, as of a service over a network. Default: no delay.</summary>
    [Parameter]
    [ValidateNotNull]
    public TimeSpan Latency { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!ShouldProcess("127.0.0.1", "Start an embedded TravelPerk"))
            return;

        TravelPerkSandbox sandbox = Start(
            new SandboxOptions
            {
                ApiKey = ApiKey,
                Port = Port,
                Latency = Latency >= TimeSpan.Zero ? Latency : TimeSpan.Zero,
                PageCap = PageCap,
                RateLimit = RateLimit,
                ConcurrencyLimit = ConcurrencyLimit,
                CostCenters = CostCenter,
                TravelPolicies = TravelPolicy,
                InvoiceProfiles = InvoiceProfile,
                CreateApprovalProcesses = CreateApprovalProcesses,
                Groups = Groups,
                Behaviors = Behavior,
                NotKept = NotKept,
                Schemas = [.. Schemas()],
            }
        );
        RunspaceSession.Current.Add(sandbox);
        sandbox.Seed(UserCount);
        WriteObject(sandbox);
    }

    private TravelPerkSandbox Start(SandboxOptions options)
    {
        try
        {
            return TravelPerkSandbox.Start(options);
        }
        catch (ArgumentException problem)
        {
            ThrowTerminatingError(new ErrorRecord(problem, "SandboxOptionInvalid", ErrorCategory.InvalidArgument, NotKept));
            throw;
        }
        catch (HttpListenerException problem)
        {
            ThrowTerminatingError(
                new ErrorRecord(
                    new InvalidOperationException(
                        $"The sandbox cannot listen on port {Port} of 127.0.0.1: {problem.Message} "
                            + "Give another -Port, or none for a free one.",
                        problem
                    ),
                    "SandboxPortInUse",
                    ErrorCategory.ResourceUnavailable,
                    Port
                )
            );
            throw;
        }
    }

    private IEnumerable<JsonObject> Schemas()
    {
        if (Expense)
            yield return SandboxOptions.ExpenseSchema;
        foreach (string file in SchemaFile)
            yield return Read(GetUnresolvedProviderPathFromPSPath(file));
    }

    private JsonObject Read(string file)
    {
        Exception cause = new ArgumentException("It is not a JSON object with an id and attributes (RFC 7643 section 7).");
        try
        {
            if (JsonNode.Parse(File.ReadAllText(file)) is JsonObject document && document.ContainsKey("id"))
                return document;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            cause = e;
        }
        var problem = new ArgumentException($"The schema file '{file}' cannot be used: {cause.Message}", cause);
        ThrowTerminatingError(new ErrorRecord(problem, "SchemaFileUnusable", ErrorCategory.InvalidData, file));
        throw problem;
    }
}
