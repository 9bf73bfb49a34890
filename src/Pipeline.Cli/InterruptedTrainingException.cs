using Superposition.Training;

namespace Superposition.Cli;

/// <summary>A training was interrupted and left a checkpoint.</summary>
sealed class InterruptedTrainingException(string folder, Exception inner)
    : OperationCanceledException($"Interrupted; what {folder} was to hold goes on from a checkpoint beside it. Run the same command with --resume.", inner)
{
    /// <summary>Trains, and says where a training that is interrupted goes on.</summary>
    public static T During<T>(string folder, Func<T> train)
    {
        try
        {
            return train();
        }
        catch (OperationCanceledException error) when (Directory.Exists(CheckpointOptions.FolderOf(folder)))   // not before its first step
        {
            throw new InterruptedTrainingException(folder, error);
        }
    }
}
