/// Each question of the list as it is asked of a real model, with the null it is held against and what the toys say.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.AskedQuestions

open Superposition.Analysis
open Superposition.Analysis.Questions

/// Every question's random numbers.
[<Literal>]
let private Seed = 1

/// Rows that are enough for a covariance, and few enough to plant in and train on again.
let private few (rows: float[,]) =
    rows[.. min 16_384 (Array2D.length1 rows) - 1, *]

let private ofEstimate (e: Estimate) : Interval =
    {
        Value = e.Mean
        Low = e.Low
        High = e.High
    }

let private howMuch (recipe: RealQuestionsRecipe) (real: RealModel) (dictionary: float[,]) =
    let found = HowMuch.ask Seed recipe.Draws dictionary (few real.Residual)

    let isBelow = found.Arrangement.Value < found.Arrangement.NullLow

    Answer.expecting
        "below chance"
        isBelow
        found.P
        "how-much"
        "How much superposition is there?"
        $"{found.Directions} directions in {found.EffectiveDimensions:F1} effective dimensions (of {found.Dimensions}); mean of the greatest cosine with another"
        found.Nearest
        found.Arrangement
        "More features than dimensions, and their directions keep out of each other's way: closeness to the nearest is not that of random directions."

let private monosemantic (recipe: RealQuestionsRecipe) (real: RealModel) name what (activations: float[,]) =
    let labels = Array.init (Array2D.length1 activations) (fun r -> real.Text[r])

    let found =
        Monosemantic.measure
            { Monosemantic.defaults (LabelNull.Stories recipe.Model.Window) with
                Draws = recipe.Draws
                Seed = Seed
            }
            activations
            labels

    let pure', illusions = found.Monosemantic.Length, found.Illusions.Length

    Answer.beyond
        name
        $"Are there truly monosemantic neurons ({what})?"
        $"mean purity over the whole range; {pure'} of {Array2D.length2 activations} reach {found.Pure:G2}, {illusions} seem to by their strongest positions alone; the purest {found.Purest.Value:F2}"
        found.PurityInterval
        found.MeanPurity
        "Neurons of a toy with a hidden layer answer to few features, the more of them to one the less sparse the features are."

let private polytopes (recipe: RealQuestionsRecipe) (dictionary: float[,]) =
    let found =
        PolytopesInside.ask Seed recipe.Draws recipe.Dictionaries Polytopes.ShapeCosine dictionary

    let named =
        [ "digons"; "triangles"; "tetrahedra"; "pentagons"; "antiprisms" ]
        |> Seq.zip found.Shapes
        |> Seq.map (fun (shape, name) -> $"{shape.Found.Length} {name} ({shape.Expected:F0} by chance)")
        |> String.concat ", "

    Answer.beyond
        "polytopes"
        "Is there a pentagon of features in here?"
        $"surprise of all polytopes, bits; {named}"
        {
            Value = found.Whole.Value
            Low = nan
            High = nan
        }
        found.Whole
        "Sparse features of equal importance settle in digons, triangles and pentagons (E6, E7)."

let private spread (recipe: RealQuestionsRecipe) (real: RealModel) (dictionary: float[,]) =
    let scales =
        Array.init (Array2D.length2 real.Hidden) (fun j ->
            real.Hidden[*, j] |> Array.averageBy (fun a -> a * a) |> sqrt)

    let found = SpreadFeatures.measure Seed recipe.Draws 0.05 scales dictionary

    let participating =
        found.Features |> Array.map _.Participating |> Statistics.quantile 0.5

    Answer.beyond
        "spread"
        "Are features carried by several neurons?"
        $"mean concentration on neurons; half the features are carried by at most {participating:F1} of {scales.Length} neurons"
        found.ConcentrationInterval
        found.MeanConcentration
        "A toy with a hidden layer carries a feature on few neurons, not on all (E17, P4.31)."

let private agreement (recipe: RealQuestionsRecipe) (real: RealModel) (first: float[,]) (second: float[,]) =
    let found =
        AllDirections.agreement Seed (min recipe.Draws 99) (few real.Residual) first second

    Answer.beyond
        "agreement"
        "Can all directions be found: does another seed find the same?"
        $"mean cosine of each direction with its nearest of another seed (MMCS); paired one to one {found.Paired.Value:F3}"
        found.FoundInterval
        found.FoundAgain
        "Dictionaries of a world with known features find the same features from every seed (recovery)."

let private planted (settings: RunSettings) (recipe: RealQuestionsRecipe) (real: RealModel) =
    let found =
        AllDirections.recover
            { AllDirections.defaults with
                Directions = recipe.Planted
                Draws = recipe.Draws
                Seed = Seed
            }
            (few real.Residual)
            (fun activations ->
                activations
                |> Array2D.map float32
                |> RealModel.train settings recipe.Model "planted directions" recipe.Model.Seeds[..0]
                |> Array.head
                |> fun trained -> trained.Decoder |> Array2D.map float)

    Answer.expecting
        "at least 0.9; chance"
        (found.CameBack.Mean >= 0.9)
        found.MeanReturned.P
        "planted"
        "Can all directions be found: do known ones come back?"
        $"share of {recipe.Planted} planted directions that come back with a cosine of at least 0.9; the mean of their cosines is {found.MeanReturned.Value:F2}, by chance {found.MeanReturned.NullMean:F2}"
        (ofEstimate found.CameBack)
        { found.MeanReturned with
            NullLow = found.Decoys.Low
            NullHigh = found.Decoys.High
        }
        "Of a world with known features nearly all come back (recovery)."

let private aligned (recipe: RealQuestionsRecipe) answer name what toy (dictionary: float[,]) =
    let found =
        NeuronAligned.ask Seed (max 1000 (recipe.Draws * 100)) recipe.Draws 0.05 dictionary

    answer
        name
        $"Is a feature neuron-aligned or an arbitrary direction ({what})?"
        $"mean greatest cosine with an axis; {found.ByCosine.Share.Mean:P0} of the directions are aligned (false discoveries 5 %%)"
        found.MeanCosine
        found.Whole
        toy

let private smuggling (recipe: RealQuestionsRecipe) (real: RealModel) =
    let weights = real.Model.Weights
    let out = weights.Blocks[real.Layer].Down |> Array2D.map float |> Gram.transposed

    let perUnit =
        Smuggling.perUnit out (weights.FinalNorm |> Array.map float) (weights.Head |> Array2D.map float)

    let activation =
        Array.init (Array2D.length2 real.Hidden) (fun j -> real.Hidden[*, j] |> Array.averageBy abs)

    let found =
        Smuggling.measure Seed recipe.Draws activation (Array.map2 (*) activation perUnit)

    Answer.chance
        "smuggling"
        "Do some neurons smuggle: low activation, high effect on the logits?"
        $"share of the direct effect that the weakest quarter of neurons has; {found.Smugglers.Length} of them are in the strongest quarter by effect"
        found.WeakInterval
        found.BeyondTrend
        "In a toy with a LayerNorm neurons hardly smuggle (P4.39)."

/// All of them, in the order of the report.
let answers (settings: RunSettings) (recipe: RealQuestionsRecipe) (real: RealModel) =
    let residual = RealModel.dictionary real.Autoencoders[0] real.Evaluation.Firing

    let hidden =
        RealModel.dictionary real.HiddenAutoencoder real.HiddenEvaluation.Firing

    let gate, value = RealModel.parts real

    [
        howMuch recipe real residual
        monosemantic recipe real "monosemantic-gate" "the gate, silu of its pre-activation" gate
        monosemantic recipe real "monosemantic-value" "what the gate multiplies" value
        monosemantic recipe real "monosemantic-product" "what is written" real.Hidden
        polytopes recipe residual
        spread recipe real hidden
        agreement recipe real residual (real.Autoencoders[1].Decoder |> Array2D.map float)
        planted settings recipe real
        aligned
            recipe
            Answer.beyond
            "aligned-neurons"
            "hidden layer"
            "Behind a nonlinearity directions prefer the neurons (E17)."
            hidden
        aligned
            recipe
            Answer.chance
            "aligned-residual"
            "residual stream"
            "Without one no basis is preferred: the model is the same however it is turned (E6)."
            residual
        smuggling recipe real
    ]
