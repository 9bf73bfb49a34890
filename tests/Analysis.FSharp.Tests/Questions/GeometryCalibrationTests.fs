module Superposition.Analysis.Tests.GeometryCalibrationTests

open Superposition.Analysis.Questions
open Xunit

let private holds (calibration: Calibration) =
    Assert.True(calibration.IsCalibrated, $"%A{calibration}")
    // The lower end of the 95 % interval of the power.
    Assert.True(calibration.PowerInterval.Low >= 0.85, $"%A{calibration}")

[<Fact>]
let ``How much superposition there is is answered falsely no more often than said`` () =
    holds (Calibration.run 1 40 GeometryCalibration.howMuch)

[<Fact>]
let ``Polytopes are found where they are and hardly elsewhere`` () =
    holds (Calibration.run 1 60 GeometryCalibration.polytopesInside)

[<Fact>]
let ``Alignment with neurons is found where it is and hardly elsewhere`` () =
    holds (Calibration.run 1 100 GeometryCalibration.neuronAligned)

/// 400 worlds of either kind: rejections in 10 … 32.
[<Fact; Trait("Category", "Science")>]
let ``Over four hundred worlds the questions about geometry keep to their error rates`` () =
    let runs = 400

    for name, question in GeometryCalibration.all do
        let calibration = Calibration.run 2 runs question

        TestContext.Current.SendDiagnosticMessage
            $"{name}: {calibration.Rejections} of {runs} rejected, {calibration.Detected} of {runs} detected"

        holds calibration
