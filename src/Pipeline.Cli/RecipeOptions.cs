using System.CommandLine;
using System.CommandLine.Parsing;

namespace Superposition.Cli;

/// <summary>
/// The options of a verb that each say one value of a recipe, beside the recipe file itself: what the command line gives
/// replaces what the file says, and the help shows the defaults of the options records themselves.
/// </summary>
/// <param name="verb">Whose options they are.</param>
/// <param name="start">The recipe before anything is said; the defaults in the help are read from it.</param>
sealed class RecipeOptions<TRecipe>(Command verb, Func<ParseResult?, TRecipe> start) where TRecipe : class
{
    readonly List<Func<ParseResult, TRecipe, TRecipe>> overrides = [];
    readonly List<Option> options = [];
    Argument<string?>? file;

    /// <summary>An option that takes the recipe's place: where it is given, nothing is asked of the recipe.</summary>
    public Option? Instead { get; init; }

    /// <summary>A recipe file as an argument that may be left out.</summary>
    public void AddFile()
    {
        file = new("recipe") { Description = "A recipe as json, instead of or below the options.", Arity = ArgumentArity.ZeroOrOne };
        verb.Arguments.Add(file);
    }

    /// <summary>An option that must be given where there is no recipe file.</summary>
    public Option<T> AddRequired<T>(Option<T> option, Func<TRecipe, T, TRecipe> set)
    {
        verb.Validators.Add(result =>
        {
            if (!IsReplaced(result) && !HasFile(result) && result.GetResult(option) is null)
                result.AddError($"Expected {option.Name}, or a recipe that says it; found neither.");
        });
        return Add(option, set);
    }

    /// <summary>An option with the default that the records have.</summary>
    public Option<T> AddOptional<T>(Option<T> option, Func<TRecipe, T> get, Func<TRecipe, T, TRecipe> set)
    {
        option.DefaultValueFactory = _ => get(start(null));
        return Add(option, set);
    }

    /// <summary>An option without a default.</summary>
    public Option<T> Add<T>(Option<T> option, Func<TRecipe, T, TRecipe> set)
    {
        verb.Options.Add(option);
        options.Add(option);
        overrides.Add((result, recipe) => IsGiven(result.GetResult(option)) ? set(recipe, result.GetRequiredValue(option)) : recipe);
        return option;
    }

    /// <summary>What file and options say together.</summary>
    public TRecipe Of(ParseResult result)
    {
        var path = file is null ? null : result.GetValue(file);
        var recipe = path is null ? start(result) : RecipeFile.Read<TRecipe>(path);
        return overrides.Aggregate(recipe, (soFar, set) => set(result, soFar));
    }

    /// <summary>Whether a recipe file was named.</summary>
    public bool HasFile(SymbolResult result) => file is not null && result.GetResult(file) is { Tokens.Count: > 0 };

    /// <summary>Whether <see cref="Instead"/> stands on the command line.</summary>
    public bool IsReplaced(SymbolResult result) => Instead is not null && result.GetResult(Instead) is not null;

    /// <summary>The options of the recipe that stand on the command line.</summary>
    public IEnumerable<Option> Given(SymbolResult result) => options.Where(option => IsGiven(result.GetResult(option)));

    /// <summary>Whether an option stood on the command line.</summary>
    public static bool IsGiven(OptionResult? result) => result is { Implicit: false };
}
