using System.Text.Json;

namespace TravelPerkScim.Mapping.Expressions.Functions;

/// <summary>Application roles, which a source gives as a list of role names.</summary>
internal static class RoleFunctions
{
    public static ExpressionFunction[] All { get; } =
    [
        new("AppRoleAssignments(source)", "The roles as a multi-value.", call => Roles(call, role => role)),
        new("AppRoleAssignmentsComplex(source)", "The roles as complex values.", call => Roles(call, Complex)),
        new("AssertiveAppRoleAssignmentsComplex(source)", "The roles as complex values, which replace those in the target.", call => Roles(call, Complex)),
        new("DefaultDomain()", "The tenant's default domain: known to Entra's own service only.", call =>
            throw call.Fail("FunctionNotAvailable", "only Entra's own service knows the tenant's default domain. Write it as a string")),
        new("SingleAppRoleAssignment(source)", "The first role.", call =>
        {
            Func<SourceObject, IReadOnlyList<object?>> roles = call.List(0);
            return source => roles(source) is [var first, ..] ? first : null;
        }),
    ];

    private static Evaluator Roles(FunctionCall call, Func<string, string> form)
    {
        Func<SourceObject, IReadOnlyList<object?>> roles = call.List(0);
        return source =>
        {
            string[] found = [.. roles(source).Select(role => Values.TryText(role, out string? text) ? text : null).OfType<string>().Select(form)];
            return found.Length > 0 ? found : null;
        };
    }

    /// <summary>The shape of Entra's own requests ("Provisioning a role to a SCIM app").</summary>
    private static string Complex(string role) =>
        JsonSerializer.Serialize(new { primary = false, type = "WindowsAzureActiveDirectoryRole", display = role, value = role });
}
