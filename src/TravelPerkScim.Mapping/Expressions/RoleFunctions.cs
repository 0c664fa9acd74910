using System.Text.Json;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Application roles, which a source gives as a list of role names.</summary>
internal static class RoleFunctions
{
    public static ExpressionFunction[] All { get; } =
    [
        new("AppRoleAssignments(source)", "The roles as a multi-value.", call => Roles(call, role => role)),
        new("AppRoleAssignmentsComplex(source)", "The roles as complex values.", call => Roles(call, Complex)),
        new(
            "AssertiveAppRoleAssignmentsComplex(source)",
            "The roles as complex values, which replace those in the target.",
            call => Roles(call, Complex)
        ),
        new(
            "DefaultDomain()",
            "The tenant's default domain: known to Entra's own service only.",
            call =>
                throw call.Fail("FunctionNotAvailable", "only Entra's own service knows the tenant's default domain. Write it as a string")
        ),
        new("SingleAppRoleAssignment(source)", "The only role. Several roles are an error.", Single),
    ];

    /// <summary>
    /// Which role of several Entra would take cannot be predicted, and its reference does not support several. The same role
    /// assigned twice is one.
    /// </summary>
    private static Evaluator Single(FunctionCall call)
    {
        Func<SourceObject, IReadOnlyList<object?>> roles = call.List(0);
        return source =>
            roles(source).Distinct().ToArray() switch
            {
                [] => null,
                [var only] => only,
                { Length: var count } => throw call.Fail(
                    "SeveralAppRoles",
                    $"the user has {count} roles, and this function takes one. "
                        + "Leave the user one role, or map a multi-valued attribute with AppRoleAssignments"
                ),
            };
    }

    private static Evaluator Roles(FunctionCall call, Func<string, string> form)
    {
        Func<SourceObject, IReadOnlyList<object?>> roles = call.List(0);
        return source =>
        {
            string[] found =
            [
                .. roles(source).Select(role => Values.TryText(role, out string? text) ? text : null).OfType<string>().Select(form),
            ];
            return found.Length > 0 ? found : null;
        };
    }

    /// <summary>The shape of Entra's own requests ("Provisioning a role to a SCIM app").</summary>
    private static string Complex(string role) =>
        JsonSerializer.Serialize(
            new
            {
                primary = false,
                type = "WindowsAzureActiveDirectoryRole",
                display = role,
                value = role,
            }
        );
}
