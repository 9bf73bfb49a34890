using Superposition.Autoencoders;
using TorchSharp;
using Xunit;

namespace Superposition.Tests.Autoencoders.Baselines;

public sealed class OrderedAlgebraTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 5, 2)]
    [InlineData(17, 67, 13)]
    [InlineData(40, 130, 33)]
    public void A_product_is_the_sum_of_products(int n, int steps, int width)
    {
        using var scope = torch.NewDisposeScope();
        var random = new Random(n);
        double[] a = AutoencoderDraw.Normal(random, n * steps, 1), b = AutoencoderDraw.Normal(random, steps * width, 1);
        var left = torch.tensor(a, n, steps);
        var right = torch.tensor(b, steps, width);
        foreach (var found in new[]
        {
            OrderedAlgebra.Product(left, right), OrderedAlgebra.Product(left.T.contiguous(), right, transposed: true),
            OrderedAlgebra.Product(left.T, right, transposed: true), OrderedAlgebra.Product(left, right.T.contiguous().T),
        })
        {
            Assert.Equal([n, width], found.shape);
            var values = found.ToDoubles();
            for (var i = 0; i < n; i++)
                for (var j = 0; j < width; j++)
                    Assert.Equal(Enumerable.Range(0, steps).Sum(k => a[i * steps + k] * b[k * width + j]), values[i * width + j], 1e-11);
        }
    }

    [Fact]
    public void Eigenvectors_are_in_columns_by_ascending_value()
    {
        using var scope = torch.NewDisposeScope();
        var threads = torch.get_num_threads();
        var (values, columns) = OrderedAlgebra.Eigen(torch.tensor(new double[] { 2, 1, 1, 2 }, 2, 2));
        Assert.Equal([1, 3], values.ToDoubles().Select(value => Math.Round(value, 12)));
        var found = columns.ToDoubles();
        Assert.Equal(-1, Math.Sign(found[0] * found[2]));   // (1, −1)/√2
        Assert.Equal(1, Math.Sign(found[1] * found[3]));
        Assert.Equal(threads, torch.get_num_threads());
    }
}
