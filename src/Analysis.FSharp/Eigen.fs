namespace Superposition.Analysis

open Superposition.Native
open TorchSharp

/// A = Σ_s λ_s v_s v_sᵀ for a symmetric A: [d, d].
type EigenDecomposition =
    {
        /// [d] λ_s, descending.
        Values: float[]
        /// [d, d] row s is v_s, of length 1; only the span is meant where eigenvalues are equal.
        Vectors: float[,]
    }

/// Eigenvalues and eigenvectors, in double precision by libtorch's LAPACK.
[<RequireQualifiedAccess>]
module Eigen =
    /// [d, d] → its decomposition. Only the lower triangle is read.
    let symmetric (A: float[,]) : EigenDecomposition =
        let d = Array2D.length1 A

        if Array2D.length2 A <> d then
            invalidArg (nameof A) $"A is [{d}, {Array2D.length2 A}]; an eigen-decomposition needs a square matrix."

        TorchLibrary.EnsureLoaded()
        use _ = torch.NewDisposeScope()
        let struct (values, vectors) = torch.linalg.eigh (torch.tensor A)

        let values, vectors =
            values.data<float>().ToArray(), vectors.data<float>().ToArray()

        // LAPACK counts upwards and keeps eigenvectors in columns.
        {
            Values = Array.rev values
            Vectors = Array2D.init d d (fun s c -> vectors[c * d + d - 1 - s])
        }
