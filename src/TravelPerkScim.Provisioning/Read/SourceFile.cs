using System.Text;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>An open directory file. Its first bytes tell its encoding and format. The extension decides only where the content leaves the
/// format open.</summary>
internal sealed class SourceFile : IAsyncDisposable
{
    private const int HeadSize = 64 * 1024;

    /// <summary>Graph's mark of a list of changes. It stands before or behind the list.</summary>
    private const string DeltaLink = "\"@odata.deltaLink\"";

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly (long Length, DateTime Written) _opened;
    private readonly Encoding _encoding;
    private readonly int _preamble;
    private readonly string _head;
    private readonly bool _changesOnly;

    private SourceFile(string path, FileStream stream, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        (_path, _stream, _opened) = (path, stream, Stamp(path));
        (_encoding, _preamble) = EncodingOf(head);
        _head = _encoding.GetString(head[_preamble..]);
        _changesOnly =
            _head.Contains(DeltaLink, StringComparison.Ordinal) || _encoding.GetString(tail).Contains(DeltaLink, StringComparison.Ordinal);
        if (_head.AsSpan().IndexOfAnyExceptInRange('\0', ' ') < 0)
        {
            throw new SourceException(
                "SourceFileEmpty",
                $"'{path}' is empty. An empty file does not tell which users left. Export the users again."
            );
        }

        if (_head.Any(c => c is < ' ' and not ('\t' or '\r' or '\n')))
            throw Unknown("is not a text file. Save a workbook as 'CSV UTF-8'; save text as UTF-8, or as UTF-16 with a byte order mark");
    }

    /// <exception cref="SourceException">SourceFileMissing, SourceFileUnreadable, SourceFileEmpty or SourceFormatUnknown.</exception>
    public static async Task<SourceFile> OpenAsync(string path, CancellationToken cancellationToken)
    {
        FileStream stream = Open(path);
        try
        {
            byte[] head = new byte[HeadSize];
            int read = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            byte[] tail = await ReadTailAsync(stream, read, cancellationToken).ConfigureAwait(false);
            var file = new SourceFile(path, stream, head.AsSpan(0, read), tail);
            stream.Position = file._preamble;
            return file;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <exception cref="SourceException">SourceFormatUnknown: neither JSON nor CSV.</exception>
    public IUserReader CreateReader(SourceLayout layout, SourceNotes notes)
    {
        switch (_head.AsSpan().TrimStart()[0])
        {
            case '[' or '{':
                return new JsonUsers(
                    _path,
                    _encoding is UTF8Encoding
                        ? _stream
                        : Encoding.CreateTranscodingStream(_stream, _encoding, Encoding.UTF8, leaveOpen: true),
                    layout,
                    notes,
                    _changesOnly
                );
            case '<':
                throw Unknown("is HTML or XML. Export the users as CSV or JSON");
            default:
                if (Path.GetExtension(_path).ToUpperInvariant() is ".JSON" or ".JSONL" or ".NDJSON")
                    throw Unknown("is not JSON: it begins with neither '[' nor '{'");

                return new CsvUsers(
                    _path,
                    new StreamReader(_stream, _encoding, detectEncodingFromByteOrderMarks: false, HeadSize, leaveOpen: true),
                    CsvPreamble.Of(_head),
                    layout,
                    notes
                );
        }
    }

    /// <summary>The file was written to, or another file was put in its place.</summary>
    public bool ChangedSinceOpened() => Stamp(_path) != _opened;

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static FileStream Open(string path)
    {
        try
        {
            bool hasNoContent = File.Exists(path) && SourcePath.SizeOf(path) is null;
            if (hasNoContent)
            {
                throw new SourceException(
                    "SourceFileEmpty",
                    $"'{path}' is empty, or is no file but a device, a pipe or a socket. "
                        + "An empty file does not tell which users left. Export the users again."
                );
            }

            // A file that Excel or an export holds open can still be read. ChangedSinceOpened notices writes.
            return new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 1,
                FileOptions.Asynchronous | FileOptions.SequentialScan
            );
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SourceException(
                "SourceFileMissing",
                $"There is no file '{path}'. Export the users to it again, or name another one with Set-ProvisioningJob -Source.",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new SourceException("SourceFileUnreadable", $"'{path}' cannot be read: {e.Message}", e);
        }
    }

    // The tail begins at an even place, so that no character of UTF-16 is cut.
    private static async Task<byte[]> ReadTailAsync(FileStream stream, int headLength, CancellationToken cancellationToken)
    {
        long begin = Math.Max(headLength, stream.Length - HeadSize) & ~1L;
        byte[] tail = new byte[Math.Max(0, stream.Length - begin)];
        stream.Position = begin;
        int read = await stream.ReadAtLeastAsync(tail, tail.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return tail[..read];
    }

    private SourceException Unknown(string what) => new("SourceFormatUnknown", $"'{_path}' {what}.");

    private static (long, DateTime) Stamp(string path) =>
        new FileInfo(path) is { Exists: true } info ? (info.Length, info.LastWriteTimeUtc) : default;

    private static (Encoding, int) EncodingOf(ReadOnlySpan<byte> head) =>
        head switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
            [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
            [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
            _ => (Encoding.UTF8, 0),
        };
}
