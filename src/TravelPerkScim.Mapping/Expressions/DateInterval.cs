namespace TravelPerkScim.Mapping.Expressions;

/// <summary>A unit of DateAdd and DateDiff. As Visual Basic counts: years and months by the calendar, weeks from Sunday to Sunday, shorter
/// intervals by elapsed time.</summary>
/// <param name="Add">Moves a moment by a number of intervals.</param>
/// <param name="Between">The number of intervals from one moment to another.</param>
internal sealed record DateInterval(Func<DateTimeOffset, long, DateTimeOffset> Add, Func<DateTime, DateTime, long> Between)
{
    private static readonly Dictionary<string, DateInterval> s_byName = new(StringComparer.Ordinal)
    {
        ["yyyy"] = new((moment, count) => moment.AddYears(checked((int)count)), (from, to) => to.Year - from.Year),
        ["m"] = new((moment, count) => moment.AddMonths(checked((int)count)), Months),
        ["d"] = new((moment, count) => moment.AddDays(count), (from, to) => (long)(to - from).TotalDays),
        ["ww"] = new((moment, count) => moment.AddDays(7d * count), Weeks),
        ["h"] = new((moment, count) => moment.AddHours(count), (from, to) => (long)(to - from).TotalHours),
        ["n"] = new((moment, count) => moment.AddMinutes(count), (from, to) => (long)(to - from).TotalMinutes),
        ["s"] = new((moment, count) => moment.AddSeconds(count), (from, to) => (long)(to - from).TotalSeconds),
    };

    /// <summary>By its name; null when there is no such interval.</summary>
    public static DateInterval? Find(string? name) => name is null ? null : s_byName.GetValueOrDefault(name);

    private static long Months(DateTime from, DateTime to) => (to.Year - from.Year) * 12L + to.Month - from.Month;

    private static long Weeks(DateTime from, DateTime to) => (long)((to - from).TotalDays - (int)to.DayOfWeek + (int)from.DayOfWeek) / 7;
}
