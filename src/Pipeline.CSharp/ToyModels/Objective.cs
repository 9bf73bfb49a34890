namespace Superposition.ToyModels;

/// <summary>How outputs y are held to targets t.</summary>
public enum Objective
{
    /// <summary>Σ_i I_i (t_i − y_i)².</summary>
    SquaredError,

    /// <summary>−Σ_i I_i q_i log softmax(y)_i with q = t / Σt, t ≥ 0: which output is meant, not how strongly; a row of zeros counts nothing.</summary>
    CrossEntropy,
}
