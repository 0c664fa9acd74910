namespace TravelPerkScim.Operations.Channels;

/// <summary>Makes a notification as short as a channel needs it: first names are left out, then text, facts and commands.</summary>
internal static class Fitting
{
    private const int MostTitle = 200;
    private const int LongestCommand = 1000;

    /// <summary>The form of a notification, with as much of it as fits.</summary>
    public static byte[] Fit(Notification notification, int mostBytes, Func<Notification, byte[]> form)
    {
        (int names, int text, int facts, int commands) = (Math.Min(notification.Names.Count, 200), 4000, 30, 10);
        while (true)
        {
            byte[] formed = form(Shorter(notification, names, text, facts, commands));
            if (formed.Length <= mostBytes)
                return formed;
            if (names > 0)
                names /= 2;
            else if (text > 500)
                text /= 2;
            else if (facts > 5)
                facts /= 2;
            else if (commands > 0)
                commands /= 2;
            else
                return formed;
        }
    }

    /// <summary>The first characters of a text, never half of one.</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
            return text;
        int end = most - 1;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), "…");
    }

    private static Notification Shorter(Notification whole, int names, int text, int facts, int commands) =>
        whole with
        {
            Job = Cut(whole.Job, MostTitle),
            Title = Cut(whole.Title, MostTitle),
            Text = Cut(whole.Text, text),
            Facts = [.. whole.Facts.Take(facts).Select(fact => new NotificationFact(Cut(fact.Name, 80), Cut(fact.Value, 200)))],
            // A command that is cut is another command.
            Commands = [.. whole.Commands.Where(command => command.Length <= LongestCommand).Take(commands)],
            Names =
                whole.Names.Count <= names
                    ? [.. whole.Names.Select(Name)]
                    : [.. whole.Names.Take(names).Select(Name), FormattableString.Invariant($"and {whole.Names.Count - names} more")],
        };

    private static string Name(string name) => Cut(name, 256);
}
