using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.Entra.Tests;

/// <summary>Random edits of a tenant.</summary>
internal sealed class DirectoryEdits(EntraFixture fixture, Random random)
{
    private static readonly string?[] s_roles = [null, "Traveller", "Approver"];

    private int _made;

    public void Make(int edits)
    {
        for (int i = 0; i < edits; i++)
            MakeOne();
    }

    private StandInDirectory Tenant => fixture.Tenant;

    private void MakeOne()
    {
        StandInUser? user = Pick(Tenant.Users, LifeState.Live),
            other = Pick(Tenant.Users, LifeState.Live);
        StandInGroup? group = Pick(Tenant.Groups, LifeState.Live),
            inner = Pick(Tenant.Groups, LifeState.Live);
        StandInObject? principal = random.Next(2) == 0 ? user : group;
        int kind = random.Next(16);
        if (kind < 3 || user is null)
        {
            Tenant.AddUser($"u{++_made}@contoso.com", ("givenName", "Given"), ("surname", "Family"));
        }
        else if (kind == 3 || group is null)
        {
            Tenant.AddGroup($"G{++_made}");
        }
        else if (kind == 4)
        {
            Tenant.Set(user, random.Next(2) == 0 ? "department" : "jobTitle", random.Next(3) == 0 ? null : $"D{random.Next(100)}");
        }
        else if (kind == 5)
        {
            Tenant.SetManager(user, random.Next(3) == 0 ? null : other);
        }
        else if (kind is 6 or 7)
        {
            Tenant.AddMember(group, user);
        }
        else if (kind == 8)
        {
            Tenant.AddMember(group, inner!);
        }
        else if (kind == 9)
        {
            Tenant.RemoveMember(
                group,
                group
                    .Members.Select(id =>
                        (StandInObject?)Tenant.Users.FirstOrDefault(one => one.Id == id) ?? Tenant.Groups.First(one => one.Id == id)
                    )
                    .Take(1)
                    .OfType<StandInObject>()
                    .ToList()
            );
        }
        else if (kind is 10 or 11)
        {
            Tenant.Assign(fixture.Application, principal!, s_roles[random.Next(3)]);
        }
        else if (kind == 12)
        {
            Tenant.Unassign(fixture.Application, principal!, s_roles[random.Next(3)]);
        }
        else if (kind == 13)
        {
            Tenant.SoftDelete(principal!);
        }
        else if (
            kind == 14
            && (Pick(Tenant.Users, LifeState.SoftDeleted) ?? (StandInObject?)Pick(Tenant.Groups, LifeState.SoftDeleted)) is { } deleted
        )
        {
            Leave(deleted);
        }
        else
        {
            Tenant.Rename(group, $"G{++_made}");
        }
    }

    private void Leave(StandInObject deleted)
    {
        if (random.Next(2) == 0)
            Tenant.Restore(deleted);
        else
            Tenant.Purge(deleted);
    }

    private T? Pick<T>(IReadOnlyCollection<T> all, LifeState state)
        where T : StandInObject
    {
        T[] some = [.. all.Where(item => item.State == state)];
        return some.Length == 0 ? null : some[random.Next(some.Length)];
    }
}
