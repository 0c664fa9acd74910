using System.Reflection;
using Xunit.Sdk;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>Tests that share the PostgreSQL of the tests.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresTests : ICollectionFixture<PostgresCluster>
{
    public const string Name = "PostgreSQL";
}

/// <summary>A test that needs PostgreSQL. Without one it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresCluster.Missing;
}

/// <summary>Runs a test of the contract on a state in PostgreSQL. Without a PostgreSQL that run is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresDataAttribute : DataAttribute
{
    public PostgresDataAttribute() => Skip = PostgresCluster.Missing;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        [
            [StoreKind.PostgreSql],
        ];
}

/// <summary>Where a state is kept.</summary>
public enum StoreKind
{
    Sqlite,
    PostgreSql,

    /// <summary>PostgreSQL behind a pooler in transaction mode.</summary>
    Pooled,
}
