using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace TravelPerkScim.Help;

/// <summary>
/// Takes the compiler's own method of a record out of what a prompt offers. A record type has a public method <c>&lt;Clone&gt;$</c>, which
/// C# code cannot name, mark or hide. PowerShell leaves out methods with the flag SpecialName (ECMA-335, II.22.26), which the
/// compiler sets on the methods of a property. So the flag is set in the built assembly. Nothing else of the assembly changes.
/// </summary>
internal static class RecordMembers
{
    private const string CloneMethod = "<Clone>$";

    // A row of the table MethodDef begins with four bytes of address and two of implementation flags.
    private const int FlagsOffset = 6;

    /// <summary>Sets the flag in every assembly of the module in a folder. The file keeps its time, so that the next build does not copy
    /// it again.</summary>
    public static void HideIn(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "TravelPerkScim*.dll"))
        {
            byte[] image = File.ReadAllBytes(file);
            if (!Hide(image))
                continue;
            DateTime written = File.GetLastWriteTimeUtc(file);
            File.WriteAllBytes(file, image);
            File.SetLastWriteTimeUtc(file, written);
        }
    }

    private static bool Hide(byte[] image)
    {
        using var portable = new PEReader(new MemoryStream(image));
        MetadataReader metadata = portable.GetMetadataReader();
        int table = portable.PEHeaders.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.MethodDef);
        int size = metadata.GetTableRowSize(TableIndex.MethodDef);
        bool changed = false;
        foreach (MethodDefinitionHandle handle in metadata.MethodDefinitions)
        {
            MethodDefinition method = metadata.GetMethodDefinition(handle);
            if (method.Attributes.HasFlag(MethodAttributes.SpecialName) || !metadata.StringComparer.Equals(method.Name, CloneMethod))
                continue;
            Span<byte> flags = image.AsSpan(table + (size * (MetadataTokens.GetRowNumber(handle) - 1)) + FlagsOffset, sizeof(ushort));
            BitConverter.TryWriteBytes(flags, (ushort)(method.Attributes | MethodAttributes.SpecialName));
            changed = true;
        }
        return changed;
    }
}
