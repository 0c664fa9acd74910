using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>A directory of accounts. A read is a stream that ends with <see cref="SourceEnd"/>. A stream without one was cut off, and
/// proves no absence.</summary>
public interface IDirectorySource
{
    /// <summary>The source's name in logs and status (a file name, a tenant).</summary>
    string DisplayName { get; }

    /// <summary>
    /// Reads every object (no watermark) or the changes since one. An object may come again in one read; the last item about the object
    /// counts. Bad entries come as <see cref="SourceFault"/>. Only a failure of the whole read throws.
    /// </summary>
    /// <exception cref="SourceException">The source cannot be read at all (missing, empty, wrong columns; network, token or permission
    /// lost).</exception>
    IAsyncEnumerable<SourceItem> ReadAsync(SourceLayout layout, string? watermark, CancellationToken cancellationToken);

    /// <summary>
    /// Reads only these objects, whole and as they are now: on demand, to retry, or to prove an absence. Each identity gives a
    /// <see cref="SourceEntry"/>, a <see cref="SourceRemoval"/> when its anchor certainly exists no more, a <see cref="SourceAbsence"/>
    /// when a complete read does not list it, a <see cref="SourceNotFound"/> when the look-up by its anchor finds nothing, or a
    /// <see cref="SourceFault"/>. Ends with <see cref="SourceEnd"/>, without a watermark.
    /// </summary>
    /// <param name="layout">The attributes wanted.</param>
    /// <param name="identities">Anchors or userPrincipalNames.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <exception cref="SourceException">As for <see cref="ReadAsync"/>.</exception>
    IAsyncEnumerable<SourceItem> FindAsync(SourceLayout layout, IReadOnlyList<string> identities, CancellationToken cancellationToken);
}

/// <summary>One item of a source read.</summary>
public abstract record SourceItem;

/// <summary>An object that exists in the source, in its current form.</summary>
/// <param name="Object">The attributes asked for.</param>
/// <param name="SoftDeleted">Soft-deleted (Graph <c>@removed</c> with reason <c>changed</c>, or a deletedDateTime).</param>
/// <param name="NotEntitled">Why the object is not entitled, as the rest of a sentence about it (<c>is not assigned to 'TravelPerk'</c>);
/// null when the object is entitled, or when the source knows no assignments.</param>
/// <param name="EntitlementUnknown">The object may be entitled all the same, because an assigned group could not be read. No user is
/// disabled for that.</param>
/// <param name="LostGroup">For an object that is not entitled: the name of the group whose membership gave the assignment until this read;
/// null when the source does not know it.</param>
public sealed record SourceEntry(
    SourceObject Object,
    bool SoftDeleted = false,
    string? NotEntitled = null,
    bool EntitlementUnknown = false,
    string? LostGroup = null
) : SourceItem;

/// <summary>An object that was permanently deleted (Graph <c>@removed</c> with reason <c>deleted</c>).</summary>
public sealed record SourceRemoval(string Anchor) : SourceItem;

/// <summary>A complete read, to its end and with every entry read, did not list this object. Such a read proves the absence, as it does in
/// a cycle.</summary>
/// <param name="Identity">The identity as it was asked for.</param>
/// <param name="Message">The finding in words.</param>
public sealed record SourceAbsence(string Identity, string Message) : SourceItem;

/// <summary>
/// The source named an object, or had it before, and does not find it by its anchor now. A directory is replicated, so one look-up proves
/// nothing. The object is absent when a complete read does not list it either, or when a later cycle does not find it again.
/// </summary>
/// <param name="Anchor">The entry's anchor.</param>
/// <param name="Message">The finding in words.</param>
/// <param name="Named">This read itself named the object. The object counts as present until a later read says otherwise.</param>
public sealed record SourceNotFound(string Anchor, string Message, bool Named = false) : SourceItem;

/// <summary>A fact about the read that an administrator should know. It is about no single entry.</summary>
/// <param name="Message">What happened, and what it means.</param>
public sealed record SourceNotice(string Message) : SourceItem;

/// <summary>An entitled group. Each read lists every entitled group, whole, also when it lists only the users that changed.</summary>
/// <param name="Anchor">The group's object id.</param>
/// <param name="DisplayName">The group's name.</param>
/// <param name="Members">Anchors of the group's members.</param>
public sealed record SourceGroup(string Anchor, string DisplayName, IReadOnlyCollection<string> Members) : SourceItem;

/// <summary>An entry that could not be read. The read goes on with the other entries.</summary>
/// <param name="Position">The place of the entry, in words: <c>line 17</c>.</param>
/// <param name="Message">The fault and the way out.</param>
/// <param name="Anchor">The entry's anchor, when that could be read.</param>
public sealed record SourceFault(string Position, string Message, string? Anchor = null) : SourceItem;

/// <summary>A problem of the whole source that an administrator has to know.</summary>
public sealed record SourceWarning(string Message) : SourceItem;

/// <summary>The attributes that the source gave, of those asked for. Only a source that may lack attributes gives this item: a file has the
/// columns that were exported.</summary>
/// <param name="Given">Name of each attribute for which the source has a column or property, and the number of entries with a
/// value.</param>
/// <param name="Entries">Entries that were read.</param>
/// <param name="HasEndMark">The form of the source shows when it was cut off. A file of lines does not, when it was cut at a line
/// end.</param>
public sealed record SourceAttributes(IReadOnlyDictionary<string, long> Given, long Entries, bool HasEndMark) : SourceItem;

/// <summary>The read reached its end.</summary>
/// <param name="FullRead">Every object was listed, so an object not seen is absent (unless a fault hides it). See EntitledOnly.</param>
/// <param name="Watermark">The start of the next incremental read, opaque; null when the source has no watermark.</param>
/// <param name="TotalRead">Entries seen, faults included.</param>
/// <param name="ConfirmAbsence">A user counts as absent only after <see cref="IDirectorySource.FindAsync"/> was asked for the user.</param>
/// <param name="Groups">Every entitled group was listed.</param>
/// <param name="EntitledOnly">The full read listed the entitled users only. A user not seen is not entitled, and may be there.</param>
public sealed record SourceEnd(
    bool FullRead,
    string? Watermark,
    long TotalRead,
    bool ConfirmAbsence = false,
    bool Groups = false,
    bool EntitledOnly = false
) : SourceItem;
