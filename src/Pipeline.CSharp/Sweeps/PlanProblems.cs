using System.Text.Json;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.Sweeps;

/// <summary>All that is wrong with a plan: first the axes, then, where they hold, what they make.</summary>
static class PlanProblems
{
    const int CellsLookedAt = 10_000;   // of a longer sweep the rest are found when they are trained, and recorded as failed
    const int NamesShown = 3;

    public static IReadOnlyList<string> Of(SweepPlan plan)
    {
        string[] axes = [.. plan.Axes.SelectMany((axis, a) => axis.Problems().Select(problem => $"Axis {a}: {problem}")), .. Names(plan), .. Count(plan)];
        return axes.Length > 0 ? axes : [.. Cells(plan).Distinct()];
    }

    static IEnumerable<string> Names(SweepPlan plan)
    {
        string[] known = [.. RecipeField.All(plan.BaseNode())];
        var seen = new List<string>();
        for (var a = 0; a < plan.Axes.Count; a++)
            foreach (var name in plan.Axes[a].Names)
            {
                if (!known.Contains(name))
                    yield return $"Axis {a}: expected a field of the recipe, found {ErrorText.Quote(name)}; the nearest are "
                        + $"{ErrorText.List([.. NearestNames.Of(name, known).Take(NamesShown)])}.";
                else if (seen.Find(other => Within(other, name) || Within(name, other)) is { } other)
                    yield return $"Axis {a}: {name} is varied already, by {other}; a field has one axis.";
                seen.Add(name);
            }
    }

    static bool Within(string outer, string name) => name == outer || name.StartsWith(outer + ".", StringComparison.Ordinal);

    static IEnumerable<string> Count(SweepPlan plan)
    {
        var cells = plan.Axes.Aggregate(1.0, (product, axis) => product * axis.Length);
        if (cells > int.MaxValue) yield return FormattableString.Invariant($"Axes make {cells:G4} cells; at most {int.MaxValue} are numbered. Split the sweep.");
    }

    static IEnumerable<string> Cells(SweepPlan plan)
    {
        var files = new HashSet<string>();
        for (long cell = 0, cells = Math.Min(plan.Cells(), CellsLookedAt); cell < cells; cell++)
        {
            var (recipe, refusal) = Recipe(plan, cell);
            string[] problems = recipe is null ? [$"this is not what a recipe takes. {refusal}"] : [.. recipe.Problems(), .. Missing(recipe, files)];
            foreach (var problem in problems) yield return $"Cell {cell} ({Shown(plan, cell)}): {problem}";
        }
    }

    // Named once, however many cells read it.
    static IEnumerable<string> Missing(TrainingRecipe recipe, HashSet<string> known) =>
        recipe.Files.Where(file => known.Add(file) && !Path.Exists(file)).Select(file => $"expected a file or folder {ErrorText.Quote(file)}, found none.");

    static (TrainingRecipe?, string? Refusal) Recipe(SweepPlan plan, long cell)
    {
        try
        {
            return (plan.Recipe(cell), null);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            return (null, error.Message.Split(" Path: ")[0]);   // the place is the cell's
        }
    }

    static string Shown(SweepPlan plan, long cell) =>
        string.Join(", ", plan.Fields().Zip(plan.Values(cell), (field, value) => $"{field} = {RecipeField.Text(value)}"));
}
