namespace Superposition.Analysis

/// What stands in the head of every page: light and dark, nothing fetched, styles within the page.
[<RequireQualifiedAccess>]
module internal PageHead =
    /// images: which sources of images the page may use, such as "data:"; style: its own beside the theme's.
    let create (title: string) (images: string) (style: string) =
        [
            Html.raw "<meta charset=\"utf-8\">\n"
            Html.raw "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            Html.raw "<meta name=\"color-scheme\" content=\"light dark\">\n"
            Html.raw
                $"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src {images}\">\n"
            Html.element "title" [] [ Html.text title ]
            Html.element "style" [] [ Html.raw (Asset.text "theme.css" + Asset.text style) ]
        ]
