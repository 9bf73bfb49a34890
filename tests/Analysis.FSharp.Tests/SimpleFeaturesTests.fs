module Superposition.Analysis.Tests.SimpleFeaturesTests

open Superposition.Analysis.Experiments
open Xunit

/// Where a rule holds, in windows of 6.
let private holds name (pieces: string[]) =
    let rule = SimpleFeatures.rules |> List.find (fun (other, _) -> other = name) |> snd
    rule 6 pieces |> Array.map (fun holds -> if holds then 1 else 0)

[<Fact>]
let ``A token starts a word behind a blank, and the token before it sees that within its window`` () =
    let pieces = [| " the"; "re"; " "; " was"; "."; " a"; " dog"; "s" |]
    Assert.Equal<int[]>([| 1; 0; 0; 1; 0; 1; 1; 0 |], holds "starts a word" pieces)
    Assert.Equal<int[]>([| 0; 0; 1; 0; 1; 0; 0; 0 |], holds "the next token starts a word" pieces)

[<Fact>]
let ``Sentences end with a point, an exclamation or a question mark`` () =
    Assert.Equal<int[]>([| 1; 0; 1; 1; 0 |], holds "ends a sentence" [| "."; ","; "!"; " ?"; "so" |])

[<Fact>]
let ``A capital letter counts behind a blank too, and the token that begins a text has none`` () =
    Assert.Equal<int[]>(
        [| 1; 1; 0; 0; 0 |],
        holds "begins with a capital letter" [| " He"; "T"; " he"; "\n<S>\n"; "." |]
    )

[<Fact>]
let ``Pronouns are whole words`` () =
    Assert.Equal<int[]>([| 1; 0; 1; 0 |], holds "is a pronoun" [| " he"; "he"; " I"; " hen" |])

[<Fact>]
let ``Quoted is what follows an odd number of marks, anew in each window`` () =
    let pieces = [| " He"; " \""; "Hi"; "\""; " and"; " \""; "said"; "\""; "no" |]
    Assert.Equal<int[]>([| 0; 1; 1; 0; 0; 1; 0; 1; 1 |], holds "stands in quotation marks" pieces)

[<Fact>]
let ``Probes are fitted on the even windows and judged on the odd`` () =
    let train, test = SimpleFeatures.halves 3 8
    Assert.Equal<int[]>([| 0; 1; 2; 6; 7 |], train)
    Assert.Equal<int[]>([| 3; 4; 5 |], test)

[<Fact>]
let ``Probes read 1, 2, 4 and so on, and all`` () =
    Assert.Equal<int[]>([| 1; 2; 4; 6 |], SimpleFeatures.sizes 6)
    Assert.Equal<int[]>([| 1; 2; 4; 8 |], SimpleFeatures.sizes 8)
