using TravelPerkScim.Mapping;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>
/// Turns a manager given as a userPrincipalName or mail into a reference by id. Lists kept by hand name managers so; Graph and the admin center never do.
/// Costs nothing until the first such name, then two light reads of the file; only the managers' names are held.
/// </summary>
internal sealed class ManagerNames(SourceLayout layout, Func<SourceLayout, CancellationToken, IAsyncEnumerable<SourceItem>> readAgain)
{
    private const string Ambiguous = "";
    private readonly int _slot = layout.SlotOf("manager");
    private Dictionary<string, string?>? _anchors;

    public async ValueTask<SourceEntry> ResolveAsync(SourceEntry entry, CancellationToken cancellationToken)
    {
        if (NameOf(entry, _slot) is not { } name)
            return entry;

        _anchors ??= await LoadAsync(cancellationToken).ConfigureAwait(false);
        if (_anchors.GetValueOrDefault(name) is { Length: > 0 } anchor)
            entry.Object.Values[_slot] = new SourceReference(anchor);

        return entry;
    }

    private static string? NameOf(SourceItem item, int slot) =>
        slot >= 0 && item is SourceEntry { Object.Values: var values } && values[slot] is SourceReference { Anchor: var name } && name.Contains('@', StringComparison.Ordinal) ? name : null;

    private async Task<Dictionary<string, string?>> LoadAsync(CancellationToken cancellationToken)
    {
        var anchors = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        await foreach (var item in readAgain(new SourceLayout(["manager"]), cancellationToken).ConfigureAwait(false))
        {
            if (NameOf(item, 0) is { } name)
                anchors[name] = null;
        }

        await foreach (var item in readAgain(new SourceLayout(["userPrincipalName", "mail"]), cancellationToken).ConfigureAwait(false))
        {
            if (item is not SourceEntry { Object: var user })
                continue;

            foreach (var value in user.Values)
            {
                if (value is string name && anchors.TryGetValue(name, out var known) && known != user.Anchor)
                    anchors[name] = known is null ? user.Anchor : Ambiguous;
            }
        }

        return anchors;
    }
}
