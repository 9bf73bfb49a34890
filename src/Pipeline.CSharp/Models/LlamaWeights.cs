namespace Superposition.Models;

/// <summary>The numbers of a model of the Llama family. Matrices are [out, in], as its files have them.</summary>
/// <param name="Embedding">[vocabulary, d]</param>
/// <param name="Blocks">One a layer.</param>
/// <param name="FinalNorm">[d] Gain of the norm before the head.</param>
/// <param name="Head">[vocabulary, d]; the embedding itself where the two are tied.</param>
public sealed record LlamaWeights(float[,] Embedding, IReadOnlyList<LlamaBlockWeights> Blocks, float[] FinalNorm, float[,] Head);

/// <summary>The numbers of one block.</summary>
/// <param name="AttentionNorm">[d] Gain of the norm before attention.</param>
/// <param name="Query">[heads · width, d]</param>
/// <param name="Key">[key and value heads · width, d]</param>
/// <param name="Value">[key and value heads · width, d]</param>
/// <param name="Output">[d, heads · width]</param>
/// <param name="FeedForwardNorm">[d] Gain of the norm before the hidden layer.</param>
/// <param name="Gate">[hidden, d] w1: what goes through SiLU.</param>
/// <param name="Up">[hidden, d] w3: what that is multiplied by.</param>
/// <param name="Down">[d, hidden] w2: what each neuron writes.</param>
public sealed record LlamaBlockWeights(
    float[] AttentionNorm, float[,] Query, float[,] Key, float[,] Value, float[,] Output,
    float[] FeedForwardNorm, float[,] Gate, float[,] Up, float[,] Down);
