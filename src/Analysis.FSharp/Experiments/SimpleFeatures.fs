namespace Superposition.Analysis.Experiments

open System
open Superposition.Analysis
open Superposition.Analysis.Questions

/// A property of a place in a text that a rule tells, and probes for it on the neurons of a block.
type internal SimpleFeature =
    {
        Name: string
        /// Fitted on the even windows.
        Probes: SparseProbes
        /// [rows, neurons] of the odd windows.
        HeldOut: float[,]
        /// [rows] whether the property holds there.
        Labels: bool[]
    }

    /// How well the probe on some neurons tells on the odd windows.
    member feature.Auc(neurons: int[]) : float =
        SparseProbe.auc ((feature.Probes.Fit neurons).Scores feature.HeldOut) feature.Labels

/// Simple features of a text: each a rule on the tokens as they are written.
[<RequireQualifiedAccess>]
module internal SimpleFeatures =
    let private pronouns =
        set
            [
                "he"
                "she"
                "it"
                "they"
                "him"
                "her"
                "them"
                "his"
                "I"
                "you"
                "we"
                "me"
            ]

    let private letters (piece: string) = piece.Trim()

    let private holds (rule: string -> bool) (_: int) (pieces: string[]) = pieces |> Array.map rule

    let private next (rule: string -> bool) (window: int) (pieces: string[]) =
        Array.init pieces.Length (fun r -> (r + 1) % window <> 0 && r + 1 < pieces.Length && rule pieces[r + 1])

    let private startsWord (piece: string) =
        piece.StartsWith ' ' && piece.Length > 1

    /// Behind an odd number of quotation marks of its window.
    let private quoted (window: int) (pieces: string[]) =
        let mutable inside = false

        pieces
        |> Array.mapi (fun r piece ->
            if r % window = 0 then
                inside <- false

            if (piece |> Seq.filter ((=) '"') |> Seq.length) % 2 = 1 then
                inside <- not inside

            inside)

    /// Name and rule: tokens of a window, pieces [N] → labels [N].
    let rules: (string * (int -> string[] -> bool[])) list =
        [
            "starts a word", holds startsWord
            "the next token starts a word", next startsWord
            "ends a sentence", holds (fun piece -> letters piece |> Seq.exists (fun c -> c = '.' || c = '!' || c = '?'))
            "begins with a capital letter",
            holds (fun piece ->
                piece.Contains '<' |> not
                && letters piece |> Seq.tryHead |> Option.exists Char.IsUpper)
            "is a pronoun", holds (fun piece -> startsWord piece && pronouns.Contains(letters piece))
            "stands in quotation marks", quoted
        ]

    /// Rows of the even windows, and of the odd.
    let halves (window: int) (rows: int) : int[] * int[] =
        [| 0 .. rows - 1 |] |> Array.partition (fun r -> r / window % 2 = 0)

    let private rowsOf (rows: int[]) (matrix: float[,]) =
        Array2D.init rows.Length (Array2D.length2 matrix) (fun r j -> matrix[rows[r], j])

    /// The features with their probes on the block's hidden layer; with a seed, labels dealt anew among the windows. Window: tokens of one.
    let ofBlock (block: BlockOfModel) (dealt: int option) : SimpleFeature list =
        let window = block.Text.Window
        let whole = block.Pieces.Length / window * window
        let train, test = halves window whole

        let fitted, heldOut =
            rowsOf train block.Hidden.Activations, rowsOf test block.Hidden.Activations

        [
            for name, rule in rules do
                let truth = rule window block.Pieces[.. whole - 1]

                let labels =
                    match dealt with
                    | None -> truth
                    | Some seed ->
                        truth
                        |> Array.map (fun label -> if label then 1 else 0)
                        |> LabelNull.deal (LabelNull.Stories window) seed
                        |> Array.map ((=) 1)

                {
                    Name = name
                    Probes = SparseProbes(fitted, train |> Array.map (fun r -> labels[r]))
                    HeldOut = heldOut
                    Labels = test |> Array.map (fun r -> labels[r])
                }
        ]

    /// Neurons that are probed together: 1, 2, 4, … and all.
    let sizes (neurons: int) : int[] =
        [|
            yield! Seq.initInfinite (pown 2) |> Seq.takeWhile (fun k -> k < neurons)
            neurons
        |]
