using System.Reflection;
using System.Security;

namespace TravelPerkScim.PowerShell.Tests;

public class CommandShapeTests
{
    // The verbs PSScriptAnalyzer's UseShouldProcessForStateChangingFunctions counts as changing something.
    private static readonly string[] s_changing =
    [
        "New",
        "Set",
        "Remove",
        "Start",
        "Stop",
        "Restart",
        "Reset",
        "Update",
        "Invoke",
        "Sync",
        "Register",
        "Unregister",
    ];

    // Import, Export and Add change nothing by nature; these write a job's mapping and files, and the enterprise application.
    private static readonly string[] s_alsoChanging =
    [
        "Import-ScimMapping",
        "Export-ScimMapping",
        "Export-ProvisioningPlan",
        "Export-ProvisioningSchedule",
        "Export-ProvisioningReport",
        "Import-EntraProvisioningSchema",
        "Export-EntraProvisioningSchema",
        "Add-EntraApplicationAssignment",
        "Add-EntraApplicationRole",
        // It sends something to people.
        "Test-ProvisioningNotification",
        "Move-ProvisioningJobState",
    ];

    // They replace the mapping of everyone in scope at once, and what is lost then is nowhere else.
    private static readonly string[] s_asking =
    [
        "Import-EntraProvisioningSchema",
        "Reset-EntraProvisioningSchema",
        // Other machines refuse the job until they have its changed job.json.
        "Move-ProvisioningJobState",
    ];

    private static readonly HashSet<string> s_approved =
    [
        .. new[]
        {
            typeof(VerbsCommon),
            typeof(VerbsCommunications),
            typeof(VerbsData),
            typeof(VerbsDiagnostic),
            typeof(VerbsLifecycle),
            typeof(VerbsOther),
            typeof(VerbsSecurity),
        }
            .SelectMany(group => group.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(verb => (string)verb.GetValue(null)!),
    ];

    public static TheoryData<string> CmdletNames()
    {
        Session session = Session.Shared;
        return [.. Cmdlets(session).Select(cmdlet => cmdlet.Name)];
    }

    [Theory]
    [MemberData(nameof(CmdletNames))]
    public void Verb_is_approved(string name)
    {
        Session session = Session.Shared;
        Assert.Contains(Cmdlet(session, name).Verb, s_approved);
    }

    [Theory]
    [MemberData(nameof(CmdletNames))]
    public void Commands_that_change_something_have_WhatIf_and_Confirm(string name)
    {
        Session session = Session.Shared;
        CmdletInfo cmdlet = Cmdlet(session, name);

        bool changes = s_changing.Contains(cmdlet.Verb) || s_alsoChanging.Contains(name);
        Assert.Equal(changes, cmdlet.Parameters.ContainsKey("WhatIf"));
        Assert.Equal(changes, cmdlet.Parameters.ContainsKey("Confirm"));
        ConfirmImpact impact = cmdlet.ImplementingType.GetCustomAttribute<CmdletAttribute>()!.ConfirmImpact;
        Assert.Equal(cmdlet.Verb == "Remove" || s_asking.Contains(name), impact == ConfirmImpact.High);
    }

    [Theory]
    [MemberData(nameof(CmdletNames))]
    public void Secrets_are_never_plain_text(string name)
    {
        Session session = Session.Shared;
        string[] words = ["Key", "Token", "Secret", "Password", "ConnectionString"];
        IEnumerable<ParameterMetadata> secrets = Cmdlet(session, name)
            .Parameters.Values.Where(parameter => words.Any(word => parameter.Name.EndsWith(word, StringComparison.Ordinal)))
            // A name, as the key of a dictionary.
            .Where(parameter => parameter.Name != "StateKey");

        Assert.All(secrets, parameter => Assert.Equal(typeof(SecureString), parameter.ParameterType));
    }

    [Theory]
    [MemberData(nameof(CmdletNames))]
    public void Commands_that_write_objects_declare_their_type(string name)
    {
        Session session = Session.Shared;
        CmdletInfo cmdlet = Cmdlet(session, name);

        Assert.Equal(cmdlet.Verb is not ("Remove" or "Stop" or "Disconnect" or "Unregister"), cmdlet.OutputType.Count > 0);
    }

    [Theory]
    [MemberData(nameof(CmdletNames))]
    public void A_parameter_set_binds_the_whole_pipeline_object_to_one_parameter(string name)
    {
        Session session = Session.Shared;
        Assert.All(
            Cmdlet(session, name).ParameterSets,
            set => Assert.True(set.Parameters.Count(parameter => parameter.ValueFromPipeline) <= 1)
        );
    }

    internal static IEnumerable<CmdletInfo> Cmdlets(Session session) =>
        session.Run("Get-Command -Module TravelPerkScim").Select(command => (CmdletInfo)command.BaseObject);

    private static CmdletInfo Cmdlet(Session session, string name) => Cmdlets(session).Single(cmdlet => cmdlet.Name == name);
}
