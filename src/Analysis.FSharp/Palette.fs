namespace Superposition.Analysis

open System

/// Colours that stay apart for colour-blind readers, on a light page and on a dark one.
[<RequireQualifiedAccess>]
module Palette =
    /// Unordered series, in this order: Okabe & Ito 2008 ("Color Universal Design") without black and yellow, which
    /// vanish on a dark and on a light page, and with their blue made lighter for the dark one.
    let categories =
        [| "#1F83C4"; "#D55E00"; "#009E73"; "#CC79A7"; "#E69F00"; "#56B4E9" |]

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

    /// Blue below 0, orange above, the page itself at 0: the middle is transparent, so it is right on any background.
    let divergingScale: obj[][] =
        [|
            [| 0.0; "rgba(0,114,178,1)" |]
            [| 0.5; "rgba(0,114,178,0)" |]
            [| 0.5; "rgba(213,94,0,0)" |]
            [| 1.0; "rgba(213,94,0,1)" |]
        |]
