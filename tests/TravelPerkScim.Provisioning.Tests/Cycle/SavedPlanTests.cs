using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Review;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Tests that save a plan to a file and apply what is read from it.</summary>
public abstract class SavedPlanTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plan-");

    private protected string PlanPath => Path.Combine(_folder.FullName, "plan.json");

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected async Task<IReadOnlyList<ProvisioningOperation>> SavedAsync(IReadOnlyList<ProvisioningOperation> operations)
    {
        await PlanFile.SaveAsync(PlanPath, operations, default);
        return await PlanFile.ReadAsync(PlanPath, default);
    }

    private protected static Task<List<ProvisioningOutcome>> ApplyAsync(
        CycleFixture fixture,
        IReadOnlyList<ProvisioningOperation> operations,
        Guid? approve = null
    ) =>
        fixture.RunAsync(
            new CycleOptions
            {
                Time = fixture.Time,
                Reviewed = operations,
                ApproveCycle = approve,
            }
        );
}
