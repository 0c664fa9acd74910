using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox;

namespace TravelPerkScim.Simulation;

/// <summary>Something happened that must not happen.</summary>
internal sealed class InvariantBrokenException(string message) : Exception(message);

/// <summary>Holds the target against the directory: while requests pass, and in the end.</summary>
internal sealed class Truth(SimulatedDirectory directory, TravelPerkSandbox sandbox)
{
    private const string NameOfAnExchange = "renaming-";
    private const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    private readonly Dictionary<string, string> _strangers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _foreigners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly object _lock = new();
    private SandboxCompany? _company;
    private bool _foreign;
    private HashSet<string> _wantedAtRead = [];
    private HashSet<string> _departures = [];
    private string? _broken;

    /// <summary>A target user whom nothing in the directory matches: nobody may touch it.</summary>
    public void Stranger(string id) => _strangers.Add(id, UserById(id)!.ToJsonString());

    /// <summary>A user of another company under the same address, whose key the job may have by mistake.</summary>
    public void Foreigner(SandboxCompany company, string id)
    {
        _company = company;
        _foreigners.Add(id, company.Users.First(u => (string?)u["id"] == id).ToJsonString());
    }

    /// <param name="foreign">The cycle has the key of the other company.</param>
    public void BeginRead(bool foreign)
    {
        _foreign = foreign;
        _wantedAtRead = [.. directory.People.Values.Where(p => p.Wanted).Select(p => p.Anchor)];
        _departures = [];
    }

    public void EndCycle(int threshold)
    {
        if (_broken is not null)
            throw new InvariantBrokenException(_broken);
        if (_departures.Count > threshold)
        {
            throw new InvariantBrokenException(
                $"{_departures.Count} disables and deletes were sent in one cycle; the threshold is {threshold}."
            );
        }
    }

    /// <summary>A disable or delete must be of somebody who was not wanted when the source was read.</summary>
    public void Look(HttpRequestMessage request, string body)
    {
        if (_foreign || (request.Method != HttpMethod.Delete && request.Method != HttpMethod.Patch))
            return;
        lock (_lock)
        {
            string id = Uri.UnescapeDataString(request.RequestUri!.Segments[^1]);
            JsonObject? user = UserById(id);
            if (user is not null)
                NoteName(id, (string)user["userName"]!);
            if (request.Method == HttpMethod.Patch && !Disables(body))
                return;
            _departures.Add(id);
            if (user is null)
                return;
            // Whom no write has marked yet belongs to one of those who had the name. One that a takeover was to mark when it was cut off
            // belongs to who has the name now.
            string userName = _names.GetValueOrDefault(id) ?? (string)user["userName"]!;
            List<string> people = (string?)user["externalId"] is { } anchor
                ? [anchor, .. directory.HoldersOf(userName)]
                : [.. directory.BearersOf(userName)];
            bool isWanted = people.TrueForAll(_wantedAtRead.Contains) && !WentToDeleted(user, userName);
            if (_strangers.ContainsKey(id) || isWanted)
            {
                _broken ??=
                    $"{request.Method} of {user["userName"]}, who "
                    + $"{(people.Count == 0 ? "is none of ours" : "was wanted when the source was read")}: {body}";
            }
        }
    }

    // In a takeover that was cut off before the externalId was written, the user went to an account that was permanently deleted since. Its
    // former owner came back, and has another active user by now.
    private bool WentToDeleted(JsonObject user, string userName) =>
        (string?)user["externalId"] is { } former
        && directory.DeletedHoldersOf(userName).Any(holder => holder != former)
        && sandbox.Users.Any(other =>
            (string?)other["externalId"] == former && (string?)other["id"] != (string?)user["id"] && (bool)other["active"]!
        );

    // While users exchange their names, one of them has a name that no person in the directory ever had: what it was called before tells
    // whose it is.
    private void NoteName(string id, string userName)
    {
        if (!userName.StartsWith(NameOfAnExchange, StringComparison.Ordinal))
            _names[id] = userName;
    }

    /// <summary>Users who are to get a userName that an account has which is no entitled person's: an error until an administrator gives
    /// them another one.</summary>
    public IReadOnlyList<Person> BlockedByAnAccount(IReadOnlyList<ProvisioningOutcome> outcomes) =>
        [
            .. outcomes
                .Where(o => o is { Status: OutcomeStatus.Failure, ErrorCode: "Conflict" or "EntryConflict" })
                .Select(o => directory.People.GetValueOrDefault(o.SourceId))
                .OfType<Person>()
                .Where(p => p.Wanted && IsHeld(p))
                .Distinct(),
        ];

    private bool IsHeld(Person person) =>
        sandbox.Users.Any(u =>
            person.UserPrincipalName.Equals((string?)u["userName"], StringComparison.OrdinalIgnoreCase)
            && (string?)u["externalId"] != person.Anchor
            && ((string?)u["externalId"] is not { } owner || directory.People.GetValueOrDefault(owner) is not { Wanted: true })
        );

    public void CheckEnd()
    {
        CheckForeigners();
        List<JsonObject> users = [.. sandbox.Users];
        // An inactive account that went to who has its name now, in a takeover that was cut off before the externalId was written, is no
        // second one of the former owner.
        ILookup<string, JsonObject> byAnchor = users
            .Where(u => u["externalId"] is not null && !WentToAnother(u))
            .ToLookup(u => (string)u["externalId"]!, StringComparer.Ordinal);
        foreach (Person person in directory.People.Values.Where(p => p.Wanted))
        {
            if (byAnchor[person.Anchor].Count() != 1)
                throw new InvariantBrokenException($"{person} has {byAnchor[person.Anchor].Count()} TravelPerk users.");
            JsonObject user = byAnchor[person.Anchor].Single();
            Same(person, "active", true, (bool)user["active"]!);
            Same(person, "userName", person.UserPrincipalName, ((string)user["userName"]!).ToLowerInvariant());
            if (person.Phone is not null)
                Same(person, "phone", person.Phone, (string?)user["phoneNumbers"]?[0]?["value"]);
            Same(person, "title", person.Title, (string?)user["title"]);
            Same(person, "name.familyName", person.FamilyName, (string?)user["name"]?["familyName"]);
            if (person.Manager is { } manager && directory.People.GetValueOrDefault(manager) is { Wanted: true })
                Same(person, "manager", (string)byAnchor[manager].Single()["id"]!, (string?)user[Enterprise]?["manager"]?["value"]);
        }
        foreach (JsonObject user in users.Where(u => (bool)u["active"]! && u["externalId"] is not null))
        {
            if (directory.People.GetValueOrDefault((string)user["externalId"]!) is not { Wanted: true })
            {
                throw new InvariantBrokenException(
                    $"TravelPerk user {user["id"]} ({user["userName"]}) is active, and nobody in the directory is entitled to it."
                );
            }
        }
        foreach ((string id, string before) in _strangers)
        {
            if (UserById(id)?.ToJsonString() != before)
                throw new InvariantBrokenException($"TravelPerk user {id}, who is none of ours, was changed.");
        }
    }

    private bool WentToAnother(JsonObject user)
    {
        string name = (string)user["userName"]!;
        IEnumerable<string> holders = directory.HoldersOf(name).Concat(directory.DeletedHoldersOf(name));
        return !(bool)user["active"]! && holders.Any(holder => holder != (string)user["externalId"]!);
    }

    private void CheckForeigners()
    {
        foreach ((string id, string before) in _foreigners)
        {
            if (_company!.Users.FirstOrDefault(u => (string?)u["id"] == id)?.ToJsonString() != before)
                throw new InvariantBrokenException($"User {id} of another company was changed with a key that was taken by mistake.");
        }
    }

    private static void Same<T>(Person person, string attribute, T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new InvariantBrokenException($"{person}: {attribute} is {actual}, not {expected}.");
    }

    private JsonObject? UserById(string id) => sandbox.Users.FirstOrDefault(u => (string?)u["id"] == id);

    private static bool Disables(string body) =>
        JsonNode.Parse(body)?["Operations"] is JsonArray operations
        && operations.Any(o =>
            o!["value"] is { } value
            && (string?)o["path"] is var path
            && (
                string.Equals(path, "active", StringComparison.OrdinalIgnoreCase)
                    ? IsFalse(value)
                    : path is null && value is JsonObject map && map["active"] is { } active && IsFalse(active)
            )
        );

    private static bool IsFalse(JsonNode value) => value.ToString().Equals("false", StringComparison.OrdinalIgnoreCase);
}
