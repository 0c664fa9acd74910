using TravelPerkScim.Host;

if (HostArguments.TryParse(args, out HostArguments? arguments, out string? problem))
{
    using HostSession session = new(new ConsoleHost());
    Console.CancelKeyPress += (_, key) =>
    {
        key.Cancel = true;
        session.Stop();
    };
    return session.Run(arguments);
}

await Console.Error.WriteLineAsync(problem).ConfigureAwait(false);
return HostArguments.WrongUsage;
