namespace Superposition.Analysis

open System
open System.IO
open Microsoft.ML
open Microsoft.ML.Data
open Superposition.Activations
open Superposition.Autoencoders
open Superposition.ToyModels

/// The browser of a run of superposition sae, from what its recipe says it was trained on.
[<RequireQualifiedAccess>]
module RunBrowser =
    /// Rows of a world that are looked at, and the most of an array: each of them is held in memory.
    [<Literal>]
    let DefaultRows = 50_000

    let private described (run: SparseAutoencoderRun) (rows: int) (source: string) =
        let sae = run.Autoencoder

        [
            $"{sae.Latents:N0} latents of {sae.Dimensions:N0} dimensions, trained on {source}; what they do on {rows:N0} rows of it."
        ]

    let private directions (autoencoder: SparseAutoencoder) =
        if autoencoder.OutputDimensions = autoencoder.Dimensions then
            autoencoder.Decoder
        else
            // A transcoder writes elsewhere: what it reads by is comparable with its input.
            Gram.transposed autoencoder.Encoder

    let private ofArray options (rows: int) (run: SparseAutoencoderRun) (view: ActivationView) (source: string) =
        let taken = min rows (int (Nullable.op_Explicit (view.GetRowCount())))

        let vectors =
            view.GetColumn<VBuffer<float32>> "Activations"
            |> Seq.truncate taken
            |> Seq.map (fun row -> row.DenseValues() |> Seq.toArray)
            |> array2D

        let names, terms =
            match view.Words with
            | null -> Array.init taken (fun row -> $"row {row}"), BrowserTerms.NumberedRows
            | words -> Array.init taken (fun row -> words[row]), BrowserTerms.Words

        let codes =
            SparseCodes.ofAutoencoder run.Autoencoder view "Activations" (int64 taken)

        RowBrowser.page
            $"Latents of {source}"
            (described run taken source)
            terms
            { options with
                Strongest = 2 * options.Strongest
            }
            names
            codes
            (Some(directions run.Autoencoder))
            (Some vectors)

    /// The first rows of a world: which features are on, and the activations they make.
    let private world (rows: int) (view: IDataView) (n: int) =
        let features = SparseCodesBuilder n
        let activations = ResizeArray<float32[]>()
        let schema = view.Schema
        use cursor = view.GetRowCursor [ schema["Features"]; schema["Activations"] ]
        let ofFeatures = cursor.GetGetter<VBuffer<float32>> schema["Features"]
        let ofActivations = cursor.GetGetter<VBuffer<float32>> schema["Activations"]
        let mutable on, activation = VBuffer<float32>(), VBuffer<float32>()

        while activations.Count < rows && cursor.MoveNext() do
            ofFeatures.Invoke &on
            ofActivations.Invoke &activation
            let items = on.Items() |> Seq.filter (fun item -> item.Value <> 0.0f) |> Seq.toArray
            features.Add(ReadOnlySpan(items |> Array.map _.Key), ReadOnlySpan(items |> Array.map _.Value))
            activations.Add(activation.DenseValues() |> Seq.toArray)

        features.Build(), ActivationView.Of(array2D activations)

    let private ofWorld
        options
        rows
        (run: SparseAutoencoderRun)
        (view: IDataView)
        (truth: float32[,])
        (source: string)
        =
        let features, activations = world rows view (Array2D.length1 truth)

        let codes =
            SparseCodes.ofAutoencoder run.Autoencoder activations "Activations" (int64 features.Rows)

        ToyBrowser.page
            $"Latents of {source}"
            (described run features.Rows $"{source} of {features.Width} features")
            options
            truth
            features
            codes
            (directions run.Autoencoder)

    let private nameOf (path: string) =
        Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator path)
        |> Option.ofObj
        |> Option.defaultValue path

    /// rows: how many rows of the source are looked at, from the first; at least 1.
    let page (options: EvidenceOptions) (rows: int) (run: SparseAutoencoderRun) : BrowserPage =
        if rows < 1 then
            invalidArg (nameof rows) $"{rows} rows are to be looked at; expected at least 1."

        let source = run.Recipe.Activations

        match source.Open(MLContext()) with
        | :? ActivationView as view -> ofArray options rows run view (nameOf (string source.Npy))
        | :? ModelActivations as view ->
            let name =
                $"{view.Hook} of {nameOf (string (Option.ofObj source.Model |> Option.map _.Model |> Option.toObj))}"

            TextBrowser.page
                $"Latents of {name}"
                (described run (min rows view.Text.Count) name)
                options
                (TextBrowser.latents view run.Autoencoder rows)
        | :? SyntheticActivations as view -> ofWorld options rows run view view.Dictionary "a synthetic world"
        | view ->
            let toy = ToyModelRun.Read(string source.Toy).Best
            ofWorld options rows run view toy.W $"toy model {nameOf (string source.Toy)}"
