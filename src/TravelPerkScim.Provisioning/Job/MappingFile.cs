using System.Text;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>A synchronization schema in a file: a job's <c>mapping.json</c>, or a schema downloaded from Entra's "Review your
/// schema".</summary>
/// <param name="path">The file, absolute.</param>
public sealed class MappingFile(string path)
{
    // A schema of Entra with thousands of attributes takes a few megabytes.
    private const int MostBytes = 16 << 20;

    /// <summary>The file, absolute.</summary>
    public string Path { get; } = path;

    /// <summary>Reads the schema.</summary>
    /// <exception cref="ProvisioningException"><c>MappingNotFound</c>, <c>MappingUnreadable</c>.</exception>
    /// <exception cref="MappingException">The file is not a synchronization schema.</exception>
    public SynchronizationSchema Read() => Parse(ReadBytes());

    /// <summary>Reads the file as it is.</summary>
    /// <exception cref="ProvisioningException"><c>MappingNotFound</c>, <c>MappingUnreadable</c>.</exception>
    public byte[] ReadBytes()
    {
        try
        {
            return WholeFile.Read(Path, MostBytes) is { Length: > 0 } content
                ? content
                : throw new IOException("It is empty, or is no file but a device, a pipe or a socket.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProvisioningException(
                "MappingNotFound",
                $"There is no mapping file '{Path}'. "
                    + "Download the schema from the provisioning job's 'Review your schema' page, "
                    + "or write one with Export-ScimMapping.",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProvisioningException("MappingUnreadable", $"The mapping file '{Path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Checks a schema and writes it, indented.</summary>
    /// <exception cref="MappingException">The mapping would not work; the file is unchanged then.</exception>
    /// <exception cref="ProvisioningException"><c>MappingUnwritable</c>.</exception>
    public void Save(SynchronizationSchema mapping)
    {
        Check(mapping);
        WriteWhole(Encoding.UTF8.GetBytes(mapping.ToJson()));
    }

    /// <summary>Checks a schema as it was downloaded, and writes it byte for byte.</summary>
    /// <exception cref="MappingException">The content is not a synchronization schema, or would not work; the file is unchanged
    /// then.</exception>
    /// <exception cref="ProvisioningException"><c>MappingUnwritable</c>.</exception>
    public void Import(byte[] content)
    {
        Check(Parse(content));
        WriteWhole(content);
    }

    /// <summary>Reads a schema in UTF-8, or in UTF-16 or UTF-32 with a byte order mark.</summary>
    /// <exception cref="MappingException">The content is not a synchronization schema.</exception>
    public static SynchronizationSchema Parse(byte[] content)
    {
        using var reader = new StreamReader(new MemoryStream(content), Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        return SynchronizationSchema.Parse(reader.ReadToEnd());
    }

    /// <summary>Compiles a mapping and its scope against TravelPerk's attributes.</summary>
    /// <exception cref="MappingException">What is wrong with it.</exception>
    public static void Check(SynchronizationSchema mapping) => MappingPreview.Compile(mapping);

    private void WriteWhole(byte[] content)
    {
        try
        {
            WholeFile.Write(Path, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProvisioningException(
                "MappingUnwritable",
                $"The mapping file '{Path}' cannot be written: {e.Message} Check the folder and its permissions.",
                e
            );
        }
    }
}
