namespace TravelPerkScim.Sandbox.Settings;

/// <summary>An approval process the sandbox made because a user has a manager.</summary>
/// <param name="UserId">TravelPerk id of the traveller.</param>
/// <param name="UserName">userName of the traveller.</param>
/// <param name="ApproverId">TravelPerk id of the manager.</param>
/// <param name="ApproverUserName">userName of the manager.</param>
public sealed record SandboxApprovalProcess(string UserId, string UserName, string ApproverId, string ApproverUserName);
