using System.Collections.Concurrent;
using System.Globalization;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>The approval processes that TravelPerk makes from managers, when that setting is on.</summary>
internal sealed class UserApprovals(bool enabled)
{
    private readonly ConcurrentDictionary<long, long> _approverOf = new();

    public void Record(StoredUser user)
    {
        if (!enabled)
            return;
        if (user.ManagerId is { } approver)
            _approverOf[user.Id] = approver;
        else
            Remove(user.Id);
    }

    public void Remove(long userId) => _ = _approverOf.TryRemove(userId, out _);

    public IReadOnlyList<SandboxApprovalProcess> Snapshot(UserIndex users) =>
        [
            .. _approverOf
                .OrderBy(pair => pair.Key)
                .Select(pair => new SandboxApprovalProcess(
                    Id(pair.Key),
                    users.Find(pair.Key)?.UserName ?? "",
                    Id(pair.Value),
                    users.Find(pair.Value)?.UserName ?? ""
                )),
        ];

    private static string Id(long id) => id.ToString(CultureInfo.InvariantCulture);
}
