namespace Superposition.Analysis

/// The figures of the report. Colours are told apart by lightness, shape or dash as well as by hue.
[<RequireQualifiedAccess>]
module Charts =
    /// Features as segments from the origin of the plane, a panel a density, as the introduction of Toy Models of
    /// Superposition shows them. label and shade [n] colour the features, by importance say; each panel is (p, W [n, 2]).
    /// The circle has radius 1, the length of a feature stored whole.
    let plane (label: string) (shade: float[]) (panels: (float * float[,])[]) : Figure =
        FeatureCharts.plane label shade panels

    /// Heat maps of W Wᵀ [n, n] (the papers' WᵀW), a panel a title, on one scale from blue through nothing at 0 to orange;
    /// row and column 0 at the top left. The diagonal is ‖W_i‖², off it stands what features share.
    let gram (panels: (string * float[,])[]) : Figure = FeatureCharts.gram panels

    /// A panel a model (title, W [n, d]): W Wᵀ, and beside each row a bar ‖W_i‖ in the colour of the interference
    /// √Σ_{j≠i}(Ŵ_i·W_j)², at most 1. A bar to the line at 1 is a feature stored whole; blue has its direction to itself.
    /// Toy Models of Superposition, "Demonstrating Superposition": the figure "Basic Results".
    let featureBars (panels: (string * float[,])[]) : Figure = FeatureCharts.bars panels

    /// Hidden neurons as stacks of boxes |W_ij|, the largest at the bottom, in the colour of their feature i; a panel is a
    /// title, W [n features, m neurons], and which neurons are monosemantic [m]. Those stand first; a mark below each
    /// neuron says its kind. From the thirteenth box of a neuron on, all are one grey box.
    /// Toy Models of Superposition, "Superposition in a Privileged Basis" and "Computation in Superposition".
    let neuronBars (panels: (string * float[,] * bool[])[]) : Figure = NeuronCharts.bars panels

    /// Cells in the colour of what was found there: labels [rows, columns] count into the names, a negative one is left
    /// blank. Toy Models of Superposition, "Superposition as a Phase Change".
    let phaseDiagram (grid: PhaseGrid) (names: string[]) (labels: int[,]) : Figure =
        PhaseCharts.diagram grid names labels

    /// Fields [rows, columns] of values from 0 on the axes of a phase diagram, a panel a title, each on a scale of its own:
    /// the same figure's order parameters, ‖W_extra‖ and the interference of the extra feature.
    let phaseField (grid: PhaseGrid) (panels: (string * float[,])[]) : Figure = PhaseCharts.field grid panels

    /// Named lines over every panel of a phase diagram or field, such as where two closed forms have the same loss.
    let withBoundaries (boundaries: Series list) (figure: Figure) : Figure =
        PhaseCharts.withBoundaries boundaries figure

    /// Dots on cells (x, y) of a phase diagram or field, such as those that a reference judges otherwise.
    let withMarks (name: string) (cells: (float * float)[]) (figure: Figure) : Figure =
        PhaseCharts.withMarks name cells figure

    /// D_i of every feature against 1/p, a strip a density (p, D [n]), with the levels of uniform geometries as lines.
    /// Within a strip, points are spread sideways by their index, so that plateaus show as dense rows.
    /// Toy Models of Superposition, "Feature Dimensionality".
    let dimensionality (strips: (float * float[])[]) : Figure = DensityCharts.dimensionality strips

    /// Curves of D* = d/‖W‖_F² against 1/p with their bands over seeds, over the same lines; where there are strips
    /// (p, D [n]), with the D_i of every feature behind them.
    /// Toy Models of Superposition, "The Geometry of Superposition": "Uniform Superposition".
    let dStar (curves: Series list) (strips: (float * float[])[]) : Figure = DensityCharts.dStar curves strips

    /// How much worse an attack makes the loss than it makes the dense model's, and ‖W‖_F²/d, features per dimension,
    /// both against 1/p, on axes at the left and at the right.
    /// Toy Models of Superposition, "Superposition and Adversarial Examples".
    let adversarial (vulnerability: Series) (perDimension: Series) : Figure =
        DensityCharts.adversarial vulnerability perDimension

    /// log D_i of every feature against the training step, levels [n, steps], over the loss on the same steps. A few hundred
    /// steps show all that a screen can.
    /// Toy Models of Superposition, "Superposition and Learning Dynamics": "Discrete Energy Level Jumps".
    let energyLevels (steps: float[]) (levels: float[,]) (loss: Series) : Figure =
        TrainingCharts.energyLevels steps levels loss

    /// Features in the plane at every snapshot (step, [n, 2]), to be stepped through, beside the loss with a marker at the
    /// step; each set (name, features) has a colour and a shape, and leaves its paths. More than two dimensions are
    /// projected by the caller, the same way at every step.
    /// Toy Models of Superposition, "Superposition and Learning Dynamics": "Learning as Geometric Transformations".
    let trajectory (sets: (string * int[])[]) (snapshots: (float * float[,])[]) (loss: Series) : Figure =
        TrainingCharts.trajectory sets snapshots loss

    /// Horizontal lines with their names at the right edge, on a figure of one pair of axes. Names of neighbouring lines
    /// step aside.
    let withLevels (levels: (string * float) list) (figure: Figure) : Figure = CurveCharts.withLevels levels figure

    /// A matrix [rows, columns] as coloured cells, row 0 at the top; value names what they hold, rows and columns are a
    /// title and a name each. From 0 upwards, or from blue through nothing at 0 to orange where some are negative.
    let heat (value: string) (rows: string * string[]) (columns: string * string[]) (cells: float[,]) : Figure =
        HeatCharts.heat value rows columns cells

    /// Bars with 95 % intervals over seeds, a bar a name; an open interval is left out.
    let bars (x: string) (y: Axis) (groups: (string * (string * Estimate)[])[]) : Figure = CurveCharts.bars x y groups

    /// How often values fall into each of so many equal bins, the same for every series (name, values), drawn one over
    /// the other. What is not finite is left out.
    let histogram (x: string) (bins: int) (series: (string * float[])[]) : Figure = CurveCharts.histogram x bins series

    /// Clouds of points, each with a colour and a shape of its own.
    let scatter (x: Axis) (y: Axis) (series: Series list) : Figure = CurveCharts.scatter x y series

    /// Curves, each with a colour and a dash of its own, over their bands: training histories, sweeps over a density.
    let line (x: Axis) (y: Axis) (series: Series list) : Figure = CurveCharts.line x y series
