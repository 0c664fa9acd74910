using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace TravelPerkScim.Host;

/// <summary>Streams on the console: output to stdout; errors, warnings and messages to stderr, so that output can be piped.</summary>
internal sealed class ConsoleUserInterface : PSHostUserInterface
{
    private readonly ConsoleRawUserInterface _rawUI = new();

    public bool ErrorsShown { get; private set; }

    public override PSHostRawUserInterface RawUI => _rawUI;

    public override bool SupportsVirtualTerminal => !Console.IsOutputRedirected;

    // Views come with colours; this takes them out where OutputRendering says so.
    public override void Write(string value) => Console.Out.Write(GetOutputString(value, SupportsVirtualTerminal));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Console.Out.WriteLine(GetOutputString(value, SupportsVirtualTerminal));

    public override void WriteErrorLine(string value)
    {
        ErrorsShown = true;
        Console.Error.WriteLine(GetOutputString(value, !Console.IsErrorRedirected));
    }

    public override void WriteWarningLine(string message) => Console.Error.WriteLine("WARNING: " + message);

    public override void WriteVerboseLine(string message) => Console.Error.WriteLine("VERBOSE: " + message);

    public override void WriteDebugLine(string message) => Console.Error.WriteLine("DEBUG: " + message);

    /// <summary>Progress is for somebody watching; a log has the results.</summary>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (Console.IsErrorRedirected)
        {
            return;
        }

        string text = record.RecordType == ProgressRecordType.Completed ? "" : $"{record.Activity}: {record.StatusDescription}";
        int width = Math.Max(_rawUI.BufferSize.Width - 1, 1);
        Console.Error.Write('\r' + text[..Math.Min(text.Length, width)].PadRight(width) + '\r');
    }

    public override string ReadLine() => Ask(() => Console.In.ReadLine() ?? "");

    public override SecureString ReadLineAsSecureString() => Ask(() =>
    {
        SecureString secret = new();
        for (ConsoleKeyInfo key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key != ConsoleKey.Backspace)
            {
                secret.AppendChar(key.KeyChar);
            }
            else if (secret.Length > 0)
            {
                secret.RemoveAt(secret.Length - 1);
            }
        }

        Console.Error.WriteLine();
        secret.MakeReadOnly();
        return secret;
    });

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        Dictionary<string, PSObject> answers = [];
        foreach (FieldDescription field in descriptions)
        {
            bool secret = field.ParameterTypeName == nameof(SecureString);
            string label = field.Name + ": ";
            answers[field.Name] = Ask(() =>
            {
                Console.Error.Write(label);
                return PSObject.AsPSObject(secret ? ReadLineAsSecureString() : ReadLine());
            });
        }

        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => Ask(() =>
    {
        string[] keys = [.. choices.Select(HotKey)];
        string offered = string.Join("  ", choices.Select((choice, i) => $"[{keys[i]}] {choice.Label.Replace("&", "", StringComparison.Ordinal)}"));
        while (true)
        {
            Console.Error.WriteLine(string.Join(Environment.NewLine, new[] { caption, message, offered }.Where(line => line.Length > 0)));
            string answer = ReadLine().Trim();
            int chosen = answer.Length == 0 ? defaultChoice : Array.FindIndex(keys, key => key.Equals(answer, StringComparison.OrdinalIgnoreCase));
            if (chosen >= 0)
            {
                return chosen;
            }
        }
    });

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => Ask(() =>
    {
        Console.Error.Write(string.IsNullOrEmpty(userName) ? "User: " : $"Password for {userName}: ");
        string user = string.IsNullOrEmpty(userName) ? ReadLine() : userName;
        return new PSCredential(user, ReadLineAsSecureString());
    });

    private static string HotKey(ChoiceDescription choice)
    {
        int mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label.Substring(mark + 1, 1) : choice.Label;
    }

    private static T Ask<T>(Func<T> question) => Console.IsInputRedirected
        ? throw new HostException("Nobody is here to answer a question. Give every mandatory parameter, and -Confirm:$false where a command would ask.")
        : question();
}
