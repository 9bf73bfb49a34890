namespace Superposition.Training;

/// <summary>How a learning rate falls.</summary>
public enum LearningRateDecay
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>In a straight line.</summary>
    Linear,

    /// <summary>Along half a cosine (Loshchilov and Hutter 2017, "SGDR", eq. 5, one period).</summary>
    Cosine,
}
