using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace TravelPerkScim.Host;

/// <summary>Sorts command-line words into the named and positional arguments of a script.</summary>
internal static class ScriptArguments
{
    /// <param name="parameters">The script's param block; null when it has none.</param>
    /// <param name="words">Such as <c>-Count 5 -Fast input.csv</c>.</param>
    public static (Hashtable Named, object[] Positional) Bind(ParamBlockAst? parameters, IReadOnlyList<string> words)
    {
        Hashtable named = new(StringComparer.OrdinalIgnoreCase);
        List<object> positional = [];
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (word.Length < 2 || word[0] != '-' || !char.IsLetter(word[1]))
            {
                positional.Add(word);
                continue;
            }

            int colon = word.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                named[word[1..colon]] = Value(word[(colon + 1)..]);
            }
            else if (IsSwitch(parameters, word[1..]) || i + 1 == words.Count)
            {
                named[word[1..]] = true;
            }
            else
            {
                named[word[1..]] = words[++i];
            }
        }

        return (named, [.. positional]);
    }

    // As pwsh -File has it: -Switch:$false and -Switch:false both turn a switch off.
    private static object Value(string text) => bool.TryParse(text.TrimStart('$'), out bool flag) ? flag : text;

    private static bool IsSwitch(ParamBlockAst? parameters, string name) =>
        parameters?.Parameters.FirstOrDefault(parameter => parameter.Name.VariablePath.UserPath.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            is { } found && found.StaticType == typeof(SwitchParameter);
}
