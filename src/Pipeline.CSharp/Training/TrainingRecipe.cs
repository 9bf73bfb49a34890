namespace Superposition.Training;

/// <summary>All that one training follows from, as its json holds it: of toy models, or of an autoencoder.</summary>
public abstract record TrainingRecipe
{
    private protected TrainingRecipe()
    {
    }

    /// <summary>The model's.</summary>
    internal abstract long Seed { get; }

    /// <summary>Paths of what it reads.</summary>
    internal virtual IEnumerable<string> Files => [];

    /// <summary>All that is wrong with it, a sentence each; whether its files are there is seen when they are read.</summary>
    internal abstract IEnumerable<string> Problems();
}
