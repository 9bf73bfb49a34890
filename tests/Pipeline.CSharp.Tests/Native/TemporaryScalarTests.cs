using System.Reflection;
using TorchSharp;
using Xunit;

namespace Superposition.Tests.Native;

/// <summary>
/// TorchSharp hands native code the handle of a Scalar and does not keep the object alive, so a Scalar that nobody holds can
/// be finalised, and its number lost, before it is read. The race is too rare for a test that waits for it; the calls are not.
/// </summary>
public sealed class TemporaryScalarTests
{
    static readonly Assembly Torch = typeof(torch).Assembly;
    static readonly Dictionary<MethodBase, string?> Known = [];

    [Fact]
    public void No_tensor_operation_that_is_called_makes_a_temporary_Scalar()
    {
        // What a static constructor makes is kept in a static field.
        var found = from method in Calls.Methods(typeof(SuperpositionCatalog).Assembly)
                    where method is not ConstructorInfo { IsStatic: true }
                    from called in Calls.In(method)
                    let path = PathToScalar(called)
                    where path is not null
                    select $"{method.DeclaringType!.FullName}.{method.Name}: {path}";
        Assert.True(!found.Any(), string.Join(Environment.NewLine, found.Distinct()));   // all of them, not cut short
    }

    [Fact]
    public void The_operations_that_do_are_recognised()
    {
        Assert.NotNull(PathToScalar(typeof(torch.Tensor).GetMethod(nameof(torch.Tensor.square), [])!));
        Assert.NotNull(PathToScalar(typeof(torch.Tensor).GetMethod("op_Addition", [typeof(torch.Tensor), typeof(torch.Tensor)])!));
        Assert.NotNull(PathToScalar(typeof(torch.Tensor).GetMethod("op_Multiply", [typeof(torch.Tensor), typeof(float)])!));
        Assert.NotNull(PathToScalar(typeof(Scalar).GetMethod("op_Implicit", [typeof(double)])!));
        Assert.Null(PathToScalar(typeof(torch.Tensor).GetMethod("op_Multiply", [typeof(torch.Tensor), typeof(torch.Tensor)])!));
    }

    // How a method of TorchSharp comes to make a Scalar, or null.
    static string? PathToScalar(MethodBase method)
    {
        if (method.Module.Assembly != Torch) return null;
        if (Known.TryGetValue(method, out var known)) return known;
        if (method.IsConstructor ? method.DeclaringType == typeof(Scalar) : method is MethodInfo m && m.ReturnType == typeof(Scalar))
            return Known[method] = method.ToString();
        Known[method] = null;   // while it is looked into: recursion finds nothing new
        return Known[method] = Calls.In(method).Select(PathToScalar).FirstOrDefault(path => path is not null) is { } path
            ? $"{method.Name} > {path}"
            : null;
    }
}
