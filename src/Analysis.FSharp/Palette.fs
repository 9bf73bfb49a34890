namespace Superposition.Analysis

open System

/// Colours that stay apart for colour-blind readers, on a light page and on a dark one.
[<RequireQualifiedAccess>]
module Palette =
    /// Unordered series, in this order: Okabe & Ito 2008 ("Color Universal Design") without black and yellow, which
    /// vanish on a dark and on a light page, and with their blue made lighter for the dark one.
    let categories =
        [| "#1F83C4"; "#D55E00"; "#009E73"; "#CC79A7"; "#E69F00"; "#56B4E9" |]

    /// What tells series apart beside the colour.
    let dashes = [| "solid"; "dash"; "dot"; "dashdot"; "longdash"; "longdashdot" |]

    let symbols = [| "circle"; "diamond"; "square"; "triangle-up"; "cross"; "x" |]

    /// The choice of series i; after the last the first again.
    let cyclic (choices: string[]) i = choices[i % choices.Length]

    /// A colour of the categories that lets through what is beneath it. A trace's own opacity would do the same, but at
    /// the cost of a layer for each.
    let translucent (opacity: float) (hex: string) =
        let part (at: int) =
            Convert.ToInt32(hex.Substring(at, 2), 16)

        $"rgba({part 1},{part 3},{part 5},{opacity})"

    /// A line that is seen on any colour: dark within light.
    let inner, casing = "#1d1f21", "#fdfdfb"

    /// Marks beside the data: grid, axes, levels.
    let faint = "rgba(128,128,128,0.25)"
    let muted = "rgba(128,128,128,0.8)"

    /// From blue to orange, growing lighter all along, with neither end near black or white.
    let private stops =
        [| 0, 104, 168; 112, 108, 184; 190, 104, 148; 222, 130, 66; 230, 159, 0 |]

    /// The colour of t in [0, 1] on the sequential scale; what lies outside takes the nearer end, NaN the lower one.
    let sequential (t: float) : string =
        let place =
            (if Double.IsNaN t then 0.0 else Math.Clamp(t, 0.0, 1.0))
            * float (stops.Length - 1)

        let low = min (int place) (stops.Length - 2)
        let part = place - float low
        let (r0, g0, b0), (r1, g1, b1) = stops[low], stops[low + 1]

        let mix (a: int) (b: int) =
            int (Math.Round(float a + part * float (b - a)))

        $"rgb({mix r0 r1},{mix g0 g1},{mix b0 b1})"

    /// The same scale as plotly.js takes it.
    let sequentialScale: obj[][] =
        Array.init stops.Length (fun i ->
            let t = float i / float (stops.Length - 1)
            [| t :> obj; sequential t |])

    /// So many categories as plotly.js takes them: steps of one width, without a passage from one to the next.
    let steps (count: int) : obj[][] =
        [|
            for i in 0 .. count - 1 do
                for edge in [ i; i + 1 ] -> [| float edge / float count :> obj; cyclic categories i |]
        |]

    /// Blue below 0, orange above, the page itself at 0: the middle is transparent, so it is right on any background.
    let divergingScale: obj[][] =
        [|
            [| 0.0; "rgba(0,114,178,1)" |]
            [| 0.5; "rgba(0,114,178,0)" |]
            [| 0.5; "rgba(213,94,0,0)" |]
            [| 1.0; "rgba(213,94,0,1)" |]
        |]
