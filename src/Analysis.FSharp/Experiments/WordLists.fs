/// Words of a kind that anyone can check, to ask whether a feature holds them.
[<RequireQualifiedAccess>]
module internal Superposition.Analysis.Experiments.WordLists

let private words (text: string) =
    text.Split([| ' '; '\n' |], System.StringSplitOptions.RemoveEmptyEntries) |> set

let months =
    words "january february march april may june july august september october november december"

let countries =
    words
        "afghanistan albania algeria angola argentina armenia australia austria azerbaijan bahrain bangladesh belarus
         belgium bolivia bosnia botswana brazil britain bulgaria burma cambodia cameroon canada chad chile china colombia
         congo croatia cuba cyprus denmark ecuador egypt england eritrea estonia ethiopia fiji finland france gabon georgia
         germany ghana greece guatemala guinea guyana haiti honduras hungary iceland india indonesia iran iraq ireland israel
         italy jamaica japan jordan kazakhstan kenya kosovo kuwait kyrgyzstan laos latvia lebanon lesotho liberia libya
         lithuania luxembourg macedonia madagascar malawi malaysia mali malta mauritania mauritius mexico moldova mongolia
         montenegro morocco mozambique myanmar namibia nepal netherlands nicaragua niger nigeria norway oman pakistan panama
         paraguay peru philippines poland portugal qatar romania russia rwanda scotland senegal serbia singapore slovakia
         slovenia somalia spain sudan swaziland sweden switzerland syria taiwan tajikistan tanzania thailand togo tunisia
         turkey turkmenistan uganda ukraine uruguay usa uzbekistan venezuela vietnam wales yemen yugoslavia zambia zimbabwe"

/// Verbs by which reports attribute speech, and what goes with them.
let speech =
    words
        "said says say saying told tells tell telling asked asks ask asking added adds add explained explains explaining
         insisted insists insisting noted notes noting stated states stating declared declares declaring replied replies
         answered responded responds announced announces claimed claims claiming argued argues arguing acknowledged
         acknowledges admitted admits suggested suggests warned warns remarked remarks commented comments testified
         complained complains recalled recalls spoke speaks speaking stressed stresses emphasized reiterated denied denies
         expressed quoted interview interviewed reporters spokesman spokeswoman referring mentioned concluded predicted
         cautioned lamented conceded contended asserted believes thinks thought hopes hoped knew knows agreed agrees"

/// Words with several senses in common use.
let ambiguous =
    [ "bank"; "spring"; "star"; "tie"; "plant"; "court"; "pitch"; "apple" ]
