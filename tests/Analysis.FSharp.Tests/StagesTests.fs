module Superposition.Analysis.Tests.StagesTests

open System
open Superposition.Analysis
open Xunit

let private plateaus = Stages.plateaus 0.05 0.2 4

let private level points loss = Array.create points loss

[<Fact>]
let ``Each stretch that a fall ends is a plateau, and the last is none`` () =
    let loss = Array.concat [ level 6 1.0; level 5 0.5; level 9 0.3 ]
    Assert.Equal<(int * int)[]>([| 0, 6; 6, 11 |], plateaus loss)

[<Fact>]
let ``A loss that falls evenly has no plateaus, however steep it is`` () =
    for rate in [ 0.02; 0.1; 0.5 ] do
        Array.init 60 (fun t -> exp (-rate * float t)) |> plateaus |> Assert.Empty

[<Fact>]
let ``Stretches that are too short, or that only a small fall ends, do not count`` () =
    Array.concat [ level 3 1.0; level 9 0.5 ] |> plateaus |> Assert.Empty
    Array.concat [ level 6 1.0; level 9 0.85 ] |> plateaus |> Assert.Empty

[<Fact>]
let ``Scale and noise below what is flat change nothing`` () =
    let loss = Array.concat [ level 6 1.0; level 5 0.5; level 9 0.3 ]

    let noisy =
        loss
        |> Array.mapi (fun t x -> 7.0 * x * (1.0 + (if t % 2 = 0 then 0.01 else -0.01)))

    Assert.Equal<(int * int)[]>(plateaus loss, plateaus noisy)

[<Fact>]
let ``Bounds that cannot be are refused`` () =
    for flat, drop, least in [ 0.0, 0.2, 4; 0.3, 0.2, 4; 0.05, 1.0, 4; 0.05, 0.2, 0 ] do
        Assert.Throws<ArgumentException>(fun () -> Stages.plateaus flat drop least [| 1.0 |] |> ignore)
        |> ignore
