/// What plotly.js is given for a figure.
module Superposition.Analysis.Tests.Drawn

open System.Text.Json
open Superposition.Analysis

let drawn (figure: Figure) : JsonElement =
    JsonDocument.Parse(Figure.json figure).RootElement

let get (name: string) (element: JsonElement) : JsonElement = element.GetProperty name
let items (element: JsonElement) : JsonElement[] = element.EnumerateArray() |> Seq.toArray
let words (element: JsonElement) : string = string (element.GetString())

/// NaN for a gap.
let number (element: JsonElement) : float =
    if element.ValueKind = JsonValueKind.Null then
        nan
    else
        element.GetDouble()

let numbers (element: JsonElement) : float[] = items element |> Array.map number
let traces (figure: Figure) : JsonElement[] = drawn figure |> get "data" |> items
let layout (figure: Figure) : JsonElement = drawn figure |> get "layout"

/// The traces of a kind: "bar", "heatmap", "scatter".
let ofType (kind: string) (figure: Figure) : JsonElement[] =
    traces figure |> Array.filter (fun trace -> words (get "type" trace) = kind)
