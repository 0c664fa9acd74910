using System.Globalization;
using System.Text;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Provisioning.Tests.Read;

/// <summary>A file in a folder of its own, and what reading it gives.</summary>
public sealed class DirectoryFile : IDisposable
{
    public const string Ann = "00000000-0000-4000-8000-00000000000a";
    public const string Bob = "00000000-0000-4000-8000-00000000000b";
    public const string Cid = "00000000-0000-4000-8000-00000000000c";

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly string _folder = Directory.CreateTempSubdirectory("directory-file-").FullName;

    public DirectoryFile(string name, string content, Encoding? encoding = null)
        : this(name, [.. (encoding ?? s_utf8).GetPreamble(), .. (encoding ?? s_utf8).GetBytes(content)]) { }

    public DirectoryFile(string name, byte[] content)
    {
        Path = System.IO.Path.Combine(_folder, name);
        File.WriteAllBytes(Path, content);
    }

    public string Path { get; }

    public static SourceLayout Layout { get; } =
        new([
            "objectId",
            "userPrincipalName",
            "displayName",
            "givenName",
            "surname",
            "mail",
            "accountEnabled",
            "jobTitle",
            "telephoneNumber",
            "mobile",
            "physicalDeliveryOfficeName",
            "manager",
            "employeeOrgData.costCenter",
            "extensionAttribute1",
            "extension_0123456789abcdef_badge",
            "proxyAddresses",
        ]);

    public async Task<IReadOnlyList<SourceItem>> ReadAsync(SourceLayout? layout = null)
    {
        var items = new List<SourceItem>();
        await foreach (SourceItem item in new FileSource(Path).ReadAsync(layout ?? Layout, watermark: null, CancellationToken.None))
            items.Add(item);

        return items;
    }

    public async Task<SourceException> RefusalAsync() => await Assert.ThrowsAsync<SourceException>(() => ReadAsync());

    public static SourceObject UserIn(IEnumerable<SourceItem> items, string anchor) =>
        Assert.Single(items.OfType<SourceEntry>(), e => e.Object.Anchor == anchor).Object;

    public static void AssertIncomplete(IReadOnlyList<SourceItem> items, string position, string why)
    {
        Assert.Empty(items.OfType<SourceEnd>());
        SourceFault fault = Assert.IsType<SourceFault>(items[^1]);
        Assert.Equal(position, fault.Position);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    public static void AssertComplete(IReadOnlyList<SourceItem> items, int total) =>
        Assert.Equal(new SourceEnd(FullRead: true, Watermark: null, total), items[^1]);

    public static async Task InCultureAsync(string name, Func<Task> action)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(name);
        try
        {
            await action();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
