/// The experiments whose latents can be looked through, each with the page that its run folder makes.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.Browsers

open Superposition.Analysis
open Superposition.Storage

let private all: Map<string, RunFolder -> BrowserPage> =
    Map
        [
            WordFeatures.experiment.Name, WordFeatures.browser
            RealQuestions.experiment.Name, RealQuestions.browser
        ]

/// None for an experiment without a dictionary to look through.
let find (experiment: Experiment) : (RunFolder -> BrowserPage) option = all.TryFind experiment.Name
