using System.Runtime.InteropServices;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>
/// Turns a manager given as a userPrincipalName, distinguished name or mail into a reference by id, and warns of managers who are no entry
/// of the file. Lists kept by hand name managers so; Graph and the admin center never do. The class costs nothing until the first such
/// name, and then two light reads of the file. Memory holds the managers' names only.
/// </summary>
internal sealed class ManagerNames(SourceLayout layout, Func<SourceLayout, CancellationToken, IAsyncEnumerable<SourceItem>> readAgain)
{
    private const string Ambiguous = "";
    private const int MostExamples = 3;

    // A userPrincipalName is unique in the directory. Two accounts may have the same mail.
    private static readonly string[] s_precedence = ["userPrincipalName", "onPremisesDistinguishedName", "distinguishedName", "mail"];

    private readonly int _slot = layout.SlotOf("manager");
    private readonly Dictionary<string, int> _byId = new(StringComparer.Ordinal);
    private readonly Examples _unknown = new();
    private readonly Examples _ambiguous = new();
    private Dictionary<string, string?[]>? _anchors;

    public async ValueTask<SourceEntry> ResolveAsync(SourceEntry entry, IUserReader reader, CancellationToken cancellationToken)
    {
        if (_slot < 0 || entry.Object.Values[_slot] is not SourceReference { Anchor: var given })
            return entry;

        if (!IsName(given))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_byId, given, out _)++;
            return entry;
        }

        _anchors ??= await LoadAsync(cancellationToken).ConfigureAwait(false);
        switch (Array.Find(_anchors[Key(given)], anchor => anchor is not null))
        {
            case null:
                _unknown.Add($"'{given}' ({reader.Position})");
                break;
            case Ambiguous:
                _ambiguous.Add($"'{given}' ({reader.Position})");
                entry.Object.Values[_slot] = IgnoredFlow.NotGiven;
                break;
            case var anchor:
                entry.Object.Values[_slot] = new SourceReference(anchor);
                break;
        }

        return entry;
    }

    /// <summary>The warnings about managers, for a file that lists all users and was read to its end.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="seen">The ids of the file's entries.</param>
    public IEnumerable<SourceWarning> Warnings(string file, SeenAnchors seen)
    {
        foreach ((string? id, int entries) in _byId.Where(one => !seen.Contains(one.Key)))
            _unknown.Add($"'{id}'", entries);

        if (_unknown.Count > 0)
        {
            yield return new SourceWarning(
                $"{_unknown.EntriesOf(file)} a manager who is neither the id nor the userPrincipalName, "
                    + $"distinguished name or mail of an entry there: {_unknown.Names}. "
                    + "A user without another manager in TravelPerk gets none. "
                    + "Export the managers too, or give manager as the id of an entry."
            );
        }

        if (_ambiguous.Count > 0)
        {
            yield return new SourceWarning(
                $"{_ambiguous.EntriesOf(file)} a manager whose userPrincipalName or mail several entries have: {_ambiguous.Names}. "
                    + "Who is meant is not known, so the manager in TravelPerk stays as it is. "
                    + "Give manager as the id of an entry."
            );
        }
    }

    private static bool IsName(string manager)
    {
        if (manager.Contains('@', StringComparison.Ordinal))
            return true;
        // A distinguished name.
        return manager.Contains('=', StringComparison.Ordinal) && manager.Contains(',', StringComparison.Ordinal);
    }

    // Distinguished names are written with and without a blank after the comma.
    private static string Key(string name) => name.Trim().Replace(", ", ",", StringComparison.Ordinal);

    private async Task<Dictionary<string, string?[]>> LoadAsync(CancellationToken cancellationToken)
    {
        var anchors = new Dictionary<string, string?[]>(StringComparer.OrdinalIgnoreCase);
        await foreach (SourceItem item in readAgain(new SourceLayout(["manager"]), cancellationToken).ConfigureAwait(false))
        {
            if (item is SourceEntry { Object.Values: [SourceReference { Anchor: var name }] } && IsName(name))
                anchors[Key(name)] = new string?[s_precedence.Length];
        }

        await foreach (SourceItem item in readAgain(new SourceLayout(s_precedence), cancellationToken).ConfigureAwait(false))
        {
            if (item is not SourceEntry { Object: var user })
                continue;

            for (int rank = 0; rank < s_precedence.Length; rank++)
            {
                if (user.Values[rank] is not string name)
                    continue;

                Claim(anchors, name, rank, user.Anchor);
                if (rank == 0 && GuestName.Home(name) is var home && home != name)
                    Claim(anchors, home, rank, user.Anchor);
            }
        }

        return anchors;
    }

    private static void Claim(Dictionary<string, string?[]> anchors, string name, int rank, string anchor)
    {
        if (!anchors.TryGetValue(Key(name), out string?[]? found))
            return;
        bool isAnothers = found[rank] is { } claimed && claimed != anchor;
        found[rank] = isAnothers ? Ambiguous : anchor;
    }

    private sealed class Examples
    {
        private readonly List<string> _examples = [];

        public int Count { get; private set; }

        public string Names => string.Join(", ", _examples);

        public void Add(string example, int entries = 1)
        {
            Count += entries;
            if (_examples.Count < MostExamples)
                _examples.Add(example);
        }

        /// <summary>Such as "2 entries of users.csv have".</summary>
        public string EntriesOf(string file) => Counted.Of(Count, $"entry of {file} has", $"entries of {file} have");
    }
}
