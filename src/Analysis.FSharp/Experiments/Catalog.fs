namespace Superposition.Analysis.Experiments

open System

/// There is no experiment of that name.
type UnknownExperimentException(name: string, names: string list, nearest: string list) =
    inherit
        ArgumentException(
            let known = String.concat ", " names

            let guess =
                if nearest.IsEmpty then
                    ""
                else
                    let quoted = nearest |> List.map (sprintf "\"%s\"") |> String.concat " or "
                    $" Did you mean {quoted}?"

            $"There is no experiment \"{name}\".{guess} There are {known}."
        )

    /// Up to three names that are nearly this one, the nearest first.
    member _.Nearest = nearest

/// All experiments, in the order of the report.
[<RequireQualifiedAccess>]
module Catalog =
    let all: Experiment list =
        [
            Introduction.experiment
            BasicResultsSmall.experiment
            BasicResultsLarge.experiment
            PhaseDiagramOfTwo.experiment
            PhaseDiagramOfThree.experiment
            UniformGeometry.experiment
            FeatureDimensionality.experiment
            PerturbedFeature.experiment
            CorrelatedPairs.experiment
            AnticorrelatedPairs.experiment
            CrowdedPairs.experiment
            LocalBases.experiment
            CollapsingPairs.experiment
            EnergyLevels.experiment
            LearningGeometry.experiment
            AdversarialExamples.experiment
            NeuronLadder.experiment
            AbsoluteValue.experiment
            ComputingInSuperposition.experiment
            AsymmetricMotifs.experiment
            WithoutSuperposition.experiment
            Compression.experiment
            Dropout.experiment
            AbsoluteValueVariants.experiment
            Squares.experiment
            NonUniformSparsity.experiment
            AndOr.experiment
            Maximum.experiment
            BinaryFeatures.experiment
            DiscreteFeatures.experiment
            BoundedFeatures.experiment
            Gelu.experiment
            GeluForSquares.experiment
            Classification.experiment
            AllPairs.experiment
            SeveralLayers.experiment
            SimultaneousInterference.experiment
            FeatureChoice.experiment
            Positions.experiment
            Configurations.experiment
            LocalBasesOfModel.experiment
            Disambiguation.experiment
            CarriersOfFeature.experiment
            MotifOfModel.experiment
            SparseProbesOfModel.experiment
            ProbeAgainstNeuron.experiment
            SoluPolysemanticity.experiment
            PolysemanticityMeasures.experiment
            LayerNormSmuggling.experiment
            SameInitialWeights.experiment
            GeluAgainstRelu.experiment
            WidenedLayer.experiment
            FeatureRecovery.experiment
            SyntheticBenchmark.experiment
            Pathologies.experiment
            WordFeatures.experiment
            WordArchitectures.experiment
            RealQuestions.experiment
            PolysemanticNeurons.experiment
            GaussianControl.experiment
            TurnedNeurons.experiment
            EveryBlock.experiment
            ErrorRates.experiment
        ]

    /// Levenshtein's distance, row by row; the case of a letter counts for nothing.
    let private distance (a: string) (b: string) =
        let next (row: int[]) (letter: char) =
            b
            |> Seq.indexed
            |> Seq.scan
                (fun left (j, other) ->
                    let change =
                        if Char.ToUpperInvariant letter = Char.ToUpperInvariant other then
                            0
                        else
                            1

                    min (min (left + 1) (row[j + 1] + 1)) (row[j] + change))
                (row[0] + 1)
            |> Seq.toArray

        a |> Seq.fold next [| 0 .. b.Length |] |> Array.last

    /// Up to three names that a name may have been meant for, the nearest first: about one letter in three changed.
    let nearest (names: string list) (name: string) : string list =
        names
        |> List.map (fun known -> known, distance name known)
        |> List.filter (fun (_, changes) -> changes <= (name.Length + 1) / 3)
        |> List.sortBy snd
        |> List.truncate 3
        |> List.map fst

    /// The experiment of a name, in upper or lower case.
    let find (name: string) : Experiment =
        let isIt (experiment: Experiment) =
            String.Equals(experiment.Name, name, StringComparison.OrdinalIgnoreCase)

        match List.tryFind isIt all with
        | Some experiment -> experiment
        | None ->
            let names = all |> List.map _.Name
            raise (UnknownExperimentException(name, names, nearest names name))
