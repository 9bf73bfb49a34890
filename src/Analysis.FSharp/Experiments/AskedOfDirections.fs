/// The questions about the directions of a dictionary, as they are asked of a subject, each with the null it is held against.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.AskedOfDirections

open System
open Superposition.Analysis
open Superposition.Analysis.Questions

let private ofEstimate (e: Estimate) : Interval =
    {
        Value = e.Mean
        Low = e.Low
        High = e.High
    }

let private nearest (W: float[,]) =
    (Coherence.ofRows W).Nearest |> Array.map _.Cosine

let howMuch (nulls: NullRecipe) : Question =
    {
        Name = "how-much"
        Words = "How much superposition is there?"
        Ask =
            fun subject ->
                let found =
                    HowMuch.ask Asked.Seed nulls.Draws subject.Dictionary (Subject.few subject)

                {
                    Measurement =
                        Measurement.apart
                            found.P
                            $"mean of the greatest cosine with another direction; {found.Directions} directions in {found.EffectiveDimensions:F1} effective dimensions of {found.Dimensions}, Σ D = {found.Capacity:F1}"
                            found.Nearest
                            found.Arrangement
                    Picture =
                        [
                            Asked.distribution "" (nearest subject.Dictionary)
                            RandomDictionary.withSecondMoment subject.Dictionary (Random Asked.Seed)
                            |> nearest
                            |> Asked.distribution Asked.ByChance
                        ]
                }
        Truth =
            fun toy ->
                let capacity = Dimensionality.ofWeights toy.Directions |> Array.sum

                $"{(nearest toy.Directions |> Array.average):F3} for the {Array2D.length1 toy.Directions} features themselves, Σ D = {capacity:F1}"
    }

let private shapes =
    [ "digons"; "triangles"; "tetrahedra"; "pentagons"; "antiprisms" ]

/// The names of the shapes in the picture of the polytopes, at 0, 1, …
let shapeNames = Array.ofList shapes

let polytopes (nulls: NullRecipe) : Question =
    let ask dictionary =
        PolytopesInside.ask Asked.Seed nulls.Draws nulls.Dictionaries Polytopes.ShapeCosine dictionary

    let places = Array.init shapes.Length float

    {
        Name = "polytopes"
        Words = "Is there a pentagon of features in here?"
        Ask =
            fun subject ->
                let found = ask subject.Dictionary

                let named =
                    Seq.map2
                        (fun name shape -> $"{shape.Found.Length} {name} ({shape.Expected:F0} by chance)")
                        shapes
                        found.Shapes
                    |> String.concat ", "

                {
                    Measurement = Measurement.aboveAlone $"surprise of all polytopes, bits; {named}" found.Whole
                    Picture =
                        [
                            Series.Of("", places, found.Shapes |> Array.map (fun shape -> float shape.Found.Length))
                            Series.Of(Asked.ByChance, places, found.Shapes |> Array.map _.Expected)
                        ]
                }
        Truth =
            fun toy ->
                let found = ask toy.Directions

                Seq.map2 (fun name shape -> $"{shape.Found.Length} {name}") shapes found.Shapes
                |> String.concat ", "
                |> sprintf "among the features themselves %s"
    }

let agreement (nulls: NullRecipe) : Question =
    let cosines first second =
        Matching.cosines Signed first second |> Matching.nearest |> Array.map _.Cosine

    {
        Name = "agreement"
        Words = "Can all directions be found: does another seed find the same?"
        Ask =
            fun subject ->
                let found =
                    AllDirections.agreement
                        Asked.Seed
                        (min nulls.Draws 99)
                        (Subject.few subject)
                        subject.Dictionary
                        subject.Second

                {
                    Measurement =
                        Measurement.above
                            $"mean cosine of each direction with its nearest of another seed (MMCS); paired one to one {found.Paired.Value:F3}"
                            found.FoundInterval
                            found.FoundAgain
                    Picture =
                        [
                            found.Nearest |> Array.map _.Cosine |> Asked.distribution ""
                            AllDirections.likeActivations
                                (Subject.few subject)
                                Asked.Seed
                                (Array2D.length1 subject.Second)
                            |> cosines subject.Dictionary
                            |> Asked.distribution Asked.ByChance
                        ]
                }
        Truth =
            fun toy ->
                let found = cosines toy.Directions toy.Subject.Dictionary

                let back =
                    found |> Array.filter (fun cosine -> cosine >= AllDirections.defaults.Threshold)

                $"{back.Length} of {found.Length} features are in its dictionary at {AllDirections.defaults.Threshold} or more"
    }

let planted (nulls: NullRecipe) : Question =
    {
        Name = "planted"
        Words = "Can all directions be found: do known ones come back?"
        Ask =
            fun subject ->
                let found =
                    AllDirections.recover
                        { AllDirections.defaults with
                            Directions = nulls.Planted
                            Draws = nulls.Draws
                            Seed = Asked.Seed
                        }
                        (Subject.few subject)
                        subject.Train

                let verdict =
                    if found.CameBack.Mean >= 0.9 then "found"
                    elif found.MeanReturned.P <= 0.05 then "some"
                    else "chance"

                {
                    Measurement =
                        Measurement.judged
                            verdict
                            found.MeanReturned.P
                            $"share of {nulls.Planted} planted directions that come back with a cosine of {AllDirections.defaults.Threshold} or more; the mean of their cosines is {found.MeanReturned.Value:F2}, by chance {found.MeanReturned.NullMean:F2}"
                            (ofEstimate found.CameBack)
                            { found.MeanReturned with
                                NullLow = found.Decoys.Low
                                NullHigh = found.Decoys.High
                            }
                    Picture =
                        [
                            found.Returned |> Array.map _.Cosine |> Asked.distribution ""
                            found.Astray |> Array.map _.Cosine |> Asked.distribution Asked.ByChance
                        ]
                }
        Truth = fun _ -> ""
    }

let aligned (nulls: NullRecipe) name what (dictionary: Subject -> float[,]) truth : Question =
    {
        Name = $"aligned-{name}"
        Words = $"Is a feature neuron-aligned or an arbitrary direction ({what})?"
        Ask =
            fun subject ->
                let directions = dictionary subject

                let found =
                    NeuronAligned.ask Asked.Seed (max 1000 (nulls.Draws * 100)) nulls.Draws 0.05 directions

                {
                    Measurement =
                        Measurement.above
                            $"mean greatest cosine with an axis; {found.ByCosine.Share.Mean:P0} of the directions are aligned (false discoveries 5 %%)"
                            found.MeanCosine
                            found.Whole
                    Picture =
                        [
                            Alignment.axisCosines directions |> Asked.distribution ""
                            Alignment.rotation Asked.Seed (Array2D.length2 directions)
                            |> Gram.between directions
                            |> Alignment.axisCosines
                            |> Asked.distribution Asked.ByChance
                        ]
                }
        Truth = fun toy -> $"{Alignment.meanAxisCosine (truth toy):F3} for the features themselves"
    }
