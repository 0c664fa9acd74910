using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Http;

/// <summary>Finds a list that does not end: a page comes again, or the list has too many pages, or too many in a row without an
/// item.</summary>
internal sealed class PageCount(GraphBounds bounds)
{
    // A link has up to 2,000 characters, and a large tenant a thousand pages and more.
    private readonly HashSet<UInt128> _seen = [];
    private int _pages;
    private int _empty;

    /// <param name="link">Where the page was read.</param>
    /// <param name="isEmpty">It has no items.</param>
    /// <exception cref="SourceException"><c>EntraResponseInvalid</c>.</exception>
    public void Count(Uri link, bool isEmpty)
    {
        if (!_seen.Add(Key(link)))
            throw GraphFailure.Invalid("leads back to a page of the list that was read before, so the list would never end");
        _empty = isEmpty ? _empty + 1 : 0;
        if (++_pages > bounds.Pages || _empty > bounds.EmptyPages)
            throw GraphFailure.Invalid("is one page of a list that does not come to its end");
    }

    private static UInt128 Key(Uri link) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(link.OriginalString)));
}
