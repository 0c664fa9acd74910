using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace TravelPerkScim.PowerShell.Tests.Support;

/// <summary>A host that keeps what is shown, and answers every question with a choice set beforehand.</summary>
internal sealed class CapturingHost : PSHost
{
    private readonly Screen _screen = new();

    public string Shown =>
        PSHostUserInterface.GetOutputString(_screen.Text.ToString(), supportsVirtualTerminal: false).ReplaceLineEndings("\n");

    public IReadOnlyList<ProgressRecord> Progress => _screen.Progress;

    public int Questions => _screen.Questions;

    public int Answer
    {
        set => _screen.Answer = value;
    }

    public override string Name => "Capturing";

    public override Version Version => new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => _screen;

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override void SetShouldExit(int exitCode) => throw new NotSupportedException();

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication() { }

    public override void NotifyEndApplication() { }

    private sealed class Screen : PSHostUserInterface
    {
        public StringBuilder Text { get; } = new();

        public List<ProgressRecord> Progress { get; } = [];

        public int Questions { get; private set; }

        public int Answer { get; set; }

        public override PSHostRawUserInterface RawUI { get; } = new Sheet();

        public override void Write(string value) => Text.Append(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Text.Append(value);

        public override void WriteLine(string value) => Text.AppendLine(value);

        public override void WriteErrorLine(string value) => Text.AppendLine("ERROR: " + value);

        public override void WriteDebugLine(string message) => Text.AppendLine("DEBUG: " + message);

        public override void WriteVerboseLine(string message) => Text.AppendLine("VERBOSE: " + message);

        public override void WriteWarningLine(string message) => Text.AppendLine("WARNING: " + message);

        public override void WriteProgress(long sourceId, ProgressRecord record) => Progress.Add(record);

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            Questions++;
            Text.AppendLine(message);
            return Answer;
        }

        public override string ReadLine() => throw new NotSupportedException();

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(
            string caption,
            string message,
            string userName,
            string targetName,
            PSCredentialTypes allowedCredentialTypes,
            PSCredentialUIOptions options
        ) => throw new NotSupportedException();
    }

    private sealed class Sheet : PSHostRawUserInterface
    {
        public override Size BufferSize { get; set; } = new(120, 5000);

        public override Size WindowSize { get; set; } = new(120, 50);

        public override ConsoleColor BackgroundColor { get; set; }

        public override ConsoleColor ForegroundColor { get; set; }

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; }

        public override Coordinates WindowPosition { get; set; }

        public override string WindowTitle { get; set; } = "";

        public override bool KeyAvailable => false;

        public override Size MaxPhysicalWindowSize => WindowSize;

        public override Size MaxWindowSize => WindowSize;

        public override void FlushInputBuffer() { }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => new BufferCell[0, 0];

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) { }

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) { }

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) { }
    }
}
