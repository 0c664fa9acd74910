using TravelPerkScim.Worker;
using TravelPerkScim.Worker.Settings;

#pragma warning disable RS0030 // There is no log yet before the worker is built, and none when it cannot listen.

WorkerOptions options;
WebApplication built;
try
{
    if (args.Length == 0 || args is ["--help" or "-h" or "-?"])
    {
        Console.WriteLine(WorkerOptions.Usage);
        return args.Length == 0 ? 1 : 0;
    }
    options = WorkerOptions.Parse(args);
    if (options.SignIn is not null)
        return await SignInCommand.RunAsync(options, Console.Out, Console.Error);
    built = WorkerHost.Build(options);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

await using WebApplication worker = built;
try
{
    await worker.RunAsync();
    return 0;
}
catch (IOException e)
{
    // Kestrel, when the port is taken.
    Console.Error.WriteLine(
        $"The worker cannot listen on {string.Join(", ", options.Urls)}: {e.Message} Choose another address with --urls."
    );
    return 1;
}
