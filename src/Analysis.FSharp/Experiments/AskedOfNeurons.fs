/// The questions about neurons, as they are asked of a subject, each with the null it is held against.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.AskedOfNeurons

open System
open Superposition.Analysis
open Superposition.Analysis.Questions

let private layer name (subject: Subject) =
    subject.Layers
    |> List.tryFind (fun layer -> layer.Name = name)
    |> Option.defaultValue subject.Layers.Head

let monosemantic (nulls: NullRecipe) (name: string) (what: string) : Question =
    {
        Name = $"monosemantic-{name}"
        Words = $"Are there truly monosemantic neurons ({what})?"
        Ask =
            fun subject ->
                let found =
                    Monosemantic.measure
                        { Monosemantic.defaults (LabelNull.Stories subject.Window) with
                            Draws = nulls.Draws
                            Seed = Asked.Seed
                        }
                        (layer name subject).Activations
                        subject.Labels

                let neurons = found.Ranked

                {
                    Measurement =
                        Measurement.above
                            $"mean purity over the whole range; {found.Monosemantic.Length} of {neurons.Length} neurons reach {found.Pure:G2}, {found.Illusions.Length} seem to by their strongest places alone; the purest {found.Purest.Value:F2}"
                            found.PurityInterval
                            found.MeanPurity
                    Picture =
                        [
                            Series.Of("", neurons |> Array.map _.Top, neurons |> Array.map _.Purity.Value)
                        ]
                }
        Truth =
            fun toy ->
                $"{(NeuronCode.ofTied toy.Neurons).Monosemantic} of {Array2D.length2 toy.Neurons} neurons carry one feature by their weights"
    }

/// Features, orders and places that the curve of ablations is the mean of.
let private ablated, orders, places, mostNeurons = 24, 24, 2048, 40

/// What is lost of features as their neurons go one after another, and of the same as others go; means over features.
let private ablations (subject: Subject) =
    let neurons = Array2D.length2 subject.Hidden

    let activations =
        subject.Hidden[.. min places (Array2D.length1 subject.Hidden) - 1, *]

    let curves =
        [| 0 .. min ablated (Array2D.length1 subject.HiddenDictionary) - 1 |]
        |> Array.Parallel.map (fun i ->
            let direction = subject.HiddenDictionary[i, *]

            let order =
                Array.init neurons id
                |> Array.sortByDescending (fun j -> abs direction[j])
                |> Array.truncate mostNeurons

            SpreadFeatures.projectionLost activations direction
            |> SpreadFeatures.ablate Asked.Seed orders neurons order)
        |> Array.filter (fun curve -> curve.Losses |> Array.forall Double.IsFinite)

    if curves.Length = 0 then
        []
    else
        let mean (of': AblationCurve -> float[]) =
            Array.init (of' curves[0]).Length (fun k -> curves |> Array.averageBy (fun curve -> (of' curve)[k]))

        let x = Array.init (mean _.Losses).Length float

        [
            Series.Of("", x, mean _.Losses)
            { Series.Of(Asked.ByChance, x, mean _.RandomLosses) with
                Low = mean _.RandomLow
                High = mean _.RandomHigh
            }
        ]

let spread (nulls: NullRecipe) : Question =
    {
        Name = "spread"
        Words = "Are features carried by several neurons?"
        Ask =
            fun subject ->
                let scales =
                    Array.init (Array2D.length2 subject.Hidden) (fun j ->
                        subject.Hidden[*, j] |> Array.averageBy (fun a -> a * a) |> sqrt)

                let found =
                    SpreadFeatures.measure Asked.Seed nulls.Draws 0.05 scales subject.HiddenDictionary

                let participating =
                    found.Features |> Array.map _.Participating |> Statistics.quantile 0.5

                {
                    Measurement =
                        Measurement.above
                            $"mean concentration on neurons; half the features are carried by at most {participating:F1} of {scales.Length} neurons"
                            found.ConcentrationInterval
                            found.MeanConcentration
                    Picture = ablations subject
                }
        Truth =
            fun toy ->
                let mean =
                    SpreadFeatures.concentrations toy.Neurons
                    |> Array.filter (fun one -> one > 0.0)
                    |> Array.average

                $"{mean:F3} for the weights of the features themselves"
    }

let smuggling (nulls: NullRecipe) : Question =
    {
        Name = "smuggling"
        Words = "Do some neurons smuggle: low activation, high effect on the output?"
        Ask =
            fun subject ->
                let activation = Subject.activations subject
                let found = Smuggling.measure Asked.Seed nulls.Draws activation subject.Effects

                {
                    Measurement =
                        Measurement.aboveAlone
                            $"share of effect per activation, over what the trend of all neurons foretells, that the weakest quarter of them has; {found.Smugglers.Length} of them are in the strongest quarter by effect"
                            found.BeyondTrend
                    Picture = [ Series.Of("", activation, subject.Effects) ]
                }
        Truth = fun _ -> ""
    }
