using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Superposition.DataViews;

/// <summary>The two things ML.NET keeps to itself that an estimator written outside it needs.</summary>
internal static class MlNetDoors
{
    /// <summary>The environment behind <c>mlContext.Data</c> or <c>mlContext.Transforms</c>; its channels reach MLContext.Log.</summary>
    public static IHostEnvironment Environment(this DataOperationsCatalog catalog) => EnvironmentOf(catalog);

    /// <inheritdoc cref="Environment(DataOperationsCatalog)"/>
    public static IHostEnvironment Environment(this TransformsCatalog catalog) => EnvironmentOf(catalog);

    /// <summary>A schema shape with vectors of Single added, replacing columns of the same name.</summary>
    public static SchemaShape With(this SchemaShape shape, IEnumerable<string> vectorColumns)
    {
        var added = vectorColumns.ToArray();
        return new(shape.Where(c => !added.Contains(c.Name)).Concat(added.Select(name =>
            NewColumn(name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, null))));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Microsoft.ML.Data.IInternalCatalog.get_Environment")]
    static extern IHostEnvironment EnvironmentOf(DataOperationsCatalog catalog);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Microsoft.ML.Data.IInternalCatalog.get_Environment")]
    static extern IHostEnvironment EnvironmentOf(TransformsCatalog catalog);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    static extern SchemaShape.Column NewColumn(
        string name, SchemaShape.Column.VectorKind kind, DataViewType itemType, bool isKey, SchemaShape? annotations);
}
