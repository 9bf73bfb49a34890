namespace Superposition.Analysis

open System
open System.Collections.Generic

/// Strings by number, each once; those of the whole page stand in one table.
[<Sealed>]
type internal StringTable() =
    let numbers = Dictionary<string, int>(StringComparer.Ordinal)
    let strings = ResizeArray<string>()

    /// The number of a string, which it is given when first asked for.
    member _.Number(text: string) : int =
        match numbers.TryGetValue text with
        | true, number -> number
        | _ ->
            numbers[text] <- strings.Count
            strings.Add text
            strings.Count - 1

    member _.Strings: IReadOnlyList<string> = strings

/// The contexts of a latent as bytes, every number in as few as it needs (LEB128; what may be below 0 zigzag): for each context its group,
/// its focus, how many tokens it has, the activation, the tokens, and their values. Activations and values are steps of 1/8191 of
/// the greatest, so that each takes two bytes at most, a 0 takes one, and none is off by more than 1/16382 of the greatest.
[<RequireQualifiedAccess>]
module internal BrowserContexts =
    [<Literal>]
    let Steps = 8191.0

    /// The greatest |number| of the contexts, which their steps are fractions of.
    let scale (contexts: BrowserContext list) : float =
        contexts
        |> Seq.collect (fun context -> Seq.append [ context.Activation ] context.Values)
        |> Seq.filter Double.IsFinite
        |> Seq.fold (fun most x -> max most (abs x)) 0.0

    let private steps (scale: float) (x: float) =
        if scale > 0.0 && Double.IsFinite x then
            int (Math.Round(x / scale * Steps))
        else
            0

    let encode (groups: StringTable) (tokens: StringTable) (contexts: BrowserContext list) : byte[] =
        let scale = scale contexts
        let bytes = ResizeArray<byte>()

        let rec put (x: int) =
            if x < 128 then
                bytes.Add(byte x)
            else
                bytes.Add(byte ((x &&& 127) ||| 128))
                put (x >>> 7)

        let putSigned (x: int) = put ((x <<< 1) ^^^ (x >>> 31))

        for context in contexts do
            put (groups.Number context.Group)
            putSigned context.Focus
            put context.Tokens.Length
            putSigned (steps scale context.Activation)
            context.Tokens |> Array.iter (tokens.Number >> put)
            context.Values |> Array.iter (steps scale >> putSigned)

        bytes.ToArray()

    /// The contexts again, as browser.js reads them.
    let decode (groups: IReadOnlyList<string>) (tokens: IReadOnlyList<string>) (scale: float) (bytes: byte[]) =
        let mutable at = 0

        let take () =
            let mutable x, shift = 0, 0

            while bytes[at] >= 128uy do
                x <- x ||| (int (bytes[at] &&& 127uy) <<< shift)
                shift <- shift + 7
                at <- at + 1

            at <- at + 1
            x ||| (int bytes[at - 1] <<< shift)

        let takeSigned () =
            let x = take ()
            (x >>> 1) ^^^ -(x &&& 1)

        let number () = float (takeSigned ()) / Steps * scale

        [
            while at < bytes.Length do
                let group = groups[take ()]
                let focus = takeSigned ()
                let count = take ()
                let activation = number ()
                let names = Array.init count (fun _ -> tokens[take ()])

                {
                    Group = group
                    Activation = activation
                    Tokens = names
                    Values = Array.init count (fun _ -> number ())
                    Focus = focus
                }
        ]
