namespace Superposition.Analysis

/// All inner products of the rows of a matrix.
type Gram = { Products: float[,] }
