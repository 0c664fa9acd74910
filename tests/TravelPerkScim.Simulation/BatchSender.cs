using System.Collections.Concurrent;
using System.Reflection;
using Npgsql;

namespace TravelPerkScim.Simulation;

/// <summary>
/// A thread that sends what Npgsql would send on the thread pool: all statements of a batch but the first, while the caller waits for the
/// answer. The pool of a history has one thread, and that thread is the caller, so that the batch would never be sent.
/// </summary>
internal sealed class BatchSender : TaskScheduler
{
    private const BindingFlags Hidden = BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Lazy<BatchSender> s_sender = new(Begin);

    private readonly BlockingCollection<Task> _tasks = [];

    private BatchSender() { }

    /// <summary>From now on Npgsql sends on this thread, in the whole process.</summary>
    /// <exception cref="InvalidOperationException">This version of Npgsql or of .NET is built otherwise.</exception>
    public static void Use() => _ = s_sender.Value;

    protected override void QueueTask(Task task) => _tasks.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;

    // Neither library has a setting for it.
    private static BatchSender Begin()
    {
        var sender = new BatchSender();
        object scheduler = ValueOf(typeof(NpgsqlCommand), null, "ConstrainedConcurrencyScheduler");
        object pair = ValueOf(scheduler.GetType(), scheduler, "m_pair");
        FieldOf(pair.GetType(), "m_underlyingTaskScheduler").SetValue(pair, sender);
        new Thread(sender.Send) { IsBackground = true, Name = nameof(BatchSender) }.Start();
        return sender;
    }

    private void Send()
    {
        foreach (Task task in _tasks.GetConsumingEnumerable())
            TryExecuteTask(task);
    }

    private static object ValueOf(Type type, object? of, string name) => FieldOf(type, name).GetValue(of)!;

    private static FieldInfo FieldOf(Type type, string name) =>
        type.GetField(name, Hidden) ?? throw new InvalidOperationException($"{type} has no field '{name}' in this version.");
}
