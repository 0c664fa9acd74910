using TravelPerkScim.Mapping;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.Record;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>Reads the source once, entry by entry: scope, map, and compare with what was reached before.</summary>
internal sealed class SourceReader(JobSettings settings, TargetShape shape, CompiledScope scope, JobMemory memory, CycleContext context)
{
    private readonly SourceReading _reading = new();
    private readonly DesiredHasher _hasher = new(shape, memory.Salt);
    private readonly object?[] _values = new object?[shape.Attributes.Count];
    private readonly int _softDeleted = shape.Mapping.Layout.SlotOf("IsSoftDeleted");
    private readonly int _accountEnabled = shape.Mapping.Layout.SlotOf("accountEnabled");
    private readonly int _userPrincipalName = shape.Mapping.Layout.SlotOf("userPrincipalName");
    private long _read, _inScope, _unchanged, _skipped;
    private bool _someoneUnread;

    public async Task<SourceReading> ReadAsync(IDirectorySource source, string? watermark, CancellationToken cancellationToken)
    {
        ProgressMeter progress = context.Meter("Reading the source", null);
        SourceEnd? end = null;
        await foreach (SourceItem item in source.ReadAsync(shape.Mapping.Layout, watermark, cancellationToken).ConfigureAwait(false))
        {
            switch (item)
            {
                case SourceEntry entry: Take(entry); break;
                case SourceRemoval removal: Take(removal); break;
                case SourceFault fault: Take(fault); break;
                case SourceEnd last: end = last; break;
            }
            progress.Step();
        }
        _reading.Complete = end is not null;
        _reading.Watermark = end?.Watermark;
        if (end is null)
            _reading.Warnings.Add($"The read of {source.DisplayName} did not reach its end: what was read is applied, nobody is disabled for being absent.");
        else if (end.FullRead)
            TakeAbsences(source);
        _reading.Counts = new CycleCounts { Read = _read, InScope = _inScope, Unchanged = _unchanged, Skipped = _skipped, Failed = 0 };
        return _reading;
    }

    private void Take(SourceEntry entry)
    {
        _read++;
        SourceObject user = entry.Object;
        Link? link = See(user.Anchor);

        bool disabled = entry.SoftDeleted || IsFalse(user.Values[_accountEnabled]);
        user.Values[_softDeleted] = false;
        ScopeDecision decision = default;
        try
        {
            decision = disabled ? default : scope.Evaluate(user);
        }
        catch (MappingException e)
        {
            // Whether the user is in scope is not known, so nothing is done to them.
            Array.Clear(_values);
            RefuseUnlessEscrowed(user, link, e.ErrorId, e.Message);
            return;
        }
        if (decision.InScope)
        {
            _inScope++;
            TakeActive(user, link);
        }
        else if (link is not { Enabled: true } || (!disabled && (settings.SkipOutOfScopeDeletions || !decision.Deprovision)))
        {
            _skipped++;
            Settle(user.Anchor);
        }
        else
        {
            string reason = entry.SoftDeleted ? "The source user is soft-deleted." : disabled ? "The source account is disabled." : $"The source user left the scope: {decision.Reason}";
            Leave(user, link, reason);
        }
    }

    private void TakeActive(SourceObject user, Link? link)
    {
        MappingException? failure = null;
        Array.Clear(_values);
        try
        {
            shape.Mapping.Map(user, _values);
            TargetShape.Normalize(_values, user.Anchor);
        }
        catch (MappingException e)
        {
            failure = e;
        }
        UInt128 hash = _hasher.Hash(_values, memory.TargetIdOf);
        if (failure is null && link is { Enabled: true } && link.Hash == hash)
        {
            _unchanged++;
            Settle(user.Anchor);
            if (_values.Any(v => v is SourceReference r && memory.TargetIdOf(r.Anchor) is null))
                _reading.Waiting.Add(Desired(user, link));
        }
        else if (IsEscrowed(user.Anchor, hash))
        {
            _skipped++;
        }
        else if (failure is not null)
        {
            Refuse(user, link, failure.ErrorId, failure.Message);
        }
        else if (ValueRules.FirstBroken(shape, _values) is var (code, message))
        {
            Refuse(user, link, code, message);
        }
        else
        {
            _reading.Changed.Add(Desired(user, link));
        }
    }

    private bool IsEscrowed(string anchor, UInt128 hash) =>
        memory.EscrowOf(anchor) is { } escrow && escrow.Hash == hash && context.Began < escrow.NextAttempt;

    private void RefuseUnlessEscrowed(SourceObject user, Link? link, string code, string message)
    {
        if (IsEscrowed(user.Anchor, _hasher.Hash(_values, memory.TargetIdOf)))
            _skipped++;
        else
            Refuse(user, link, code, message);
    }

    private void Refuse(SourceObject user, Link? link, string code, string message)
    {
        DesiredUser desired = Desired(user, link);
        _reading.Unusable.Add((desired, code, $"{desired.Identity}: {message}"));
    }

    private void Take(SourceRemoval removal)
    {
        _read++;
        if (See(removal.Anchor) is not { } link)
        {
            _skipped++;
            Settle(removal.Anchor);
            return;
        }
        if (!shape.Mapping.AllowsDelete)
        {
            // Not to be deleted is not to keep access.
            if (link.Enabled)
                Leave(new SourceObject(removal.Anchor, shape.Mapping.Layout), link, "The source user was permanently deleted, and the mapping does not delete users.");
            else
                _skipped++;
            return;
        }
        _reading.Removed.Add(new ProvisioningOperation
        {
            Action = ProvisioningAction.Delete,
            Identity = removal.Anchor,
            SourceId = removal.Anchor,
            TargetId = link.TargetId,
            Reason = "The source user was permanently deleted.",
        });
    }

    private void Take(SourceFault fault)
    {
        _read++;
        _reading.Warnings.Add($"{fault.Position}: {fault.Message}");
        if (fault.Anchor is null)
            _someoneUnread = true;
        else
            See(fault.Anchor);
    }

    private Link? See(string anchor)
    {
        if (memory.EscrowOf(anchor) is { } escrow)
            escrow.Seen = true;
        Link? link = memory.LinkOf(anchor);
        if (link is not null)
            link.Seen = true;
        return link;
    }

    private void Settle(string anchor)
    {
        if (memory.EscrowOf(anchor) is not null)
            _reading.Settled.Add(anchor);
    }

    private void TakeAbsences(IDirectorySource source)
    {
        List<(string Anchor, Link Link)> absent = memory.Links.Where(p => p.Value is { Seen: false, Enabled: true }).Select(p => (p.Key, p.Value)).ToList();
        if (_read == 0 || _someoneUnread)
        {
            if (absent.Count == 0)
                return;
            _reading.Warnings.Add(_read == 0
                ? $"{source.DisplayName} lists nobody; {absent.Count} linked users are left as they are. An empty list is no proof that everybody left."
                : $"{absent.Count} linked users are not in {source.DisplayName}, but some of its entries could not be read and may be theirs; they are left as they are. Correct the entries named above.");
            return;
        }
        _reading.Gone.UnionWith(memory.Links.Where(p => !p.Value.Seen).Select(p => p.Key));
        _reading.Settled.AddRange(memory.Escrows.Where(p => !p.Value.Seen).Select(p => p.Key));
        foreach ((string anchor, Link link) in absent)
            Leave(new SourceObject(anchor, shape.Mapping.Layout), link, "The source no longer lists the user.");
    }

    private void Leave(SourceObject user, Link link, string reason)
    {
        user.Values[_softDeleted] = true;
        user.Values[_accountEnabled] = false;
        object?[] values = new object?[shape.Attributes.Count];
        var disable = new ProvisioningOperation
        {
            Action = ProvisioningAction.Disable,
            Identity = IdentityOf(user),
            SourceId = user.Anchor,
            TargetId = link.TargetId,
            Reason = reason,
            Desired = new DesiredUser(user.Anchor, values, link) { Identity = IdentityOf(user) },
        };
        try
        {
            // Only `active` is sent, so a phone number that became unusable cannot keep somebody's access open.
            if (shape.Active is not { } active || !shape.Mapping.AllowsUpdate || shape.Mapping.Map(active.Slot, user) is not { } value || !IsFalse(value))
            {
                _skipped++;
                _reading.Warnings.Add($"{IdentityOf(user)}: {reason} The mapping of 'active' does not disable users, so nothing is done.");
                return;
            }
            values[active.Slot] = value;
            _reading.Leaving.Add(disable with
            {
                Changes = [new AttributeChange(active.Flow.TargetName, "True", AttributeDiff.Display(active, value))],
                Send = [active],
            });
        }
        catch (MappingException e)
        {
            _reading.Leaving.Add(disable with { Problem = e.Message, ProblemCode = e.ErrorId });
        }
    }

    private DesiredUser Desired(SourceObject user, Link? link) =>
        new(user.Anchor, [.. _values], link) { Identity = shape.UserNameOf(_values) ?? IdentityOf(user) };

    private string IdentityOf(SourceObject user) => user.Values[_userPrincipalName] as string ?? user.Anchor;

    private static bool IsFalse(object? value) => value is false || (value is string s && string.Equals(s, "False", StringComparison.OrdinalIgnoreCase));
}
