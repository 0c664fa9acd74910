namespace TravelPerkScim.Provisioning.Model;

/// <summary>The kind of a <see cref="ProvisioningException"/>: what callers decide by. Several ErrorIds can be of one kind.</summary>
public enum ProvisioningFailure
{
    /// <summary>No caller decides by it.</summary>
    Other,

    /// <summary>Another cycle of the job runs.</summary>
    JobBusy,

    /// <summary>The job is disabled.</summary>
    JobDisabled,

    /// <summary>The caller asked for what cannot be, such as the approval of a cycle that staged nothing. No cycle began.</summary>
    RequestInvalid,

    /// <summary>Another process has taken the job over. This one may write nothing more, neither state nor status.</summary>
    JobTakenOver,

    /// <summary>The job's state cannot be written.</summary>
    StateUnwritable,

    /// <summary>TravelPerk failed too many operations of the cycle.</summary>
    TargetFailing,

    /// <summary>Another cycle ran since the plan was made. A new plan can be made.</summary>
    PlanOutdated,

    /// <summary>The machine does not have the scheduler's program.</summary>
    SchedulerMissing,
}
