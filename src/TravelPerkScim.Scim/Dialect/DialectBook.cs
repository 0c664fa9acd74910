namespace TravelPerkScim.Scim.Dialect;

/// <summary>Keeps what a client has learned of its server. Thread-safe.</summary>
internal sealed class DialectBook(TimeProvider time)
{
    private readonly object _gate = new();
    private volatile ScimDialect _current = new();

    public ScimDialect Current => _current;

    /// <summary>Takes over the properties that the lesson has; all others stay.</summary>
    public void Learn(ScimDialect lesson) => Learn(lesson.Over);

    public void Learn(Func<ScimDialect, ScimDialect> lesson)
    {
        // Nearly every answer only repeats what is known.
        if (lesson(_current) == _current)
            return;
        lock (_gate)
            _current = lesson(_current) with { Learned = time.GetUtcNow() };
    }

    /// <summary>Takes over what another session learned. What this session has learned itself stays.</summary>
    public void Recall(ScimDialect older)
    {
        lock (_gate)
            _current = _current.Over(older);
    }
}
