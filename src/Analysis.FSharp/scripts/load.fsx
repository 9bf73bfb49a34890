// What every script here begins with: the libraries as ./build.sh --target=Build leaves them.
#I "../../../artifacts/bin/Analysis.FSharp/release"
#r "Microsoft.ML.DataView.dll"
#r "Microsoft.ML.Core.dll"
#r "Microsoft.ML.Data.dll"
#r "Deedle.dll"
#r "XPlot.Plotly.dll"
#r "Superposition.ML.dll"
#r "Superposition.Analysis.dll"

let repository =
    System.IO.Path.GetFullPath(System.IO.Path.Combine(__SOURCE_DIRECTORY__, "..", "..", ".."))

/// Writes figures to a page of their own under artifacts/scripts/ and says where.
let show
    (name: string)
    (lead: string)
    (figures: Superposition.Analysis.Figure list)
    (tables: Superposition.Analysis.Table list)
    =
    let path =
        System.IO.Path.Combine(repository, "artifacts", "scripts", name + ".html")

    let section: Superposition.Analysis.Section =
        {
            Id = name
            Part = ""
            Title = name
            Lead = lead
            Figures = figures
            Claims = []
            Tables = tables
            Links = []
        }

    Superposition.Analysis.Report.write
        path
        {
            Title = name
            Summary = []
            Sections = [ section ]
            Colophon = $"dotnet fsi src/Analysis.FSharp/scripts/{name}.fsx"
        }

    printfn "page %s" path
