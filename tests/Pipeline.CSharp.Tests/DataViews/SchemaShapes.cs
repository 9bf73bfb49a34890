using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.Tests.DataViews;

/// <summary>The shape ML.NET itself derives from a schema; it keeps the method to itself.</summary>
static class SchemaShapes
{
    public static SchemaShape Of(DataViewSchema schema) => Create(null, schema);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Create")]
    static extern SchemaShape Create(SchemaShape? type, DataViewSchema schema);
}
