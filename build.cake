// What `./build.sh` runs. Everything made lies under artifacts/: bin, obj, packages, runs, report, tests.
using System.Xml.Linq;

const string Configuration = "Release";
const string Solution = "Pipeline.sln";
var target = Argument("target", "Report");
var full = Argument("full", false);     // Report: make the long results again instead of drawing data/results
var fix = Argument("fix", false);       // Format: rewrite instead of complain
var report = MakeAbsolute(File("artifacts/report/index.html"));
var runs = MakeAbsolute(Directory("artifacts/runs"));

int Start(string program, IEnumerable<string> arguments)
{
    var line = new ProcessArgumentBuilder();
    foreach (var argument in arguments) line.AppendQuoted(argument);
    return StartProcess(program, new ProcessSettings { Arguments = line });
}

// StartProcess gives the exit code back and goes on; a build must stop.
void Run(string program, params string[] arguments)
{
    var code = Start(program, arguments);
    if (code != 0) throw new CakeException(code, $"{program} {string.Join(" ", arguments)} ended with exit code {code}.");
}

string Built(string project, string assembly) => MakeAbsolute(File($"artifacts/bin/{project}/{Configuration.ToLowerInvariant()}/{assembly}.dll")).FullPath;

void Superposition(params string[] arguments) => Run("dotnet", [Built("Pipeline.Cli", "superposition"), .. arguments]);

// Runs every test project's executable, and adds up what the runners wrote: their closing lines are for people.
void Test(string label, params string[] filters)
{
    EnsureDirectoryExists("artifacts/tests");
    var (passed, failed, skipped, broken) = (0, 0, 0, new List<string>());
    foreach (var project in GetFiles("tests/*.Tests/*.*proj").Select(file => file.GetFilenameWithoutExtension().FullPath).Order())
    {
        var result = MakeAbsolute(File($"artifacts/tests/{project}.{label}.xml")).FullPath;
        if (FileExists(result)) DeleteFile(result);
        var code = Start("dotnet", [Built(project, project), "-noLogo", "-noColor", "-result-xml", result, .. filters]);
        if (!FileExists(result))
        {
            broken.Add($"{project} ended with exit code {code} and left no result");
            continue;
        }
        var counts = XDocument.Load(result).Descendants("assembly").ToArray();
        int Sum(params string[] names) =>
            (from assembly in counts from name in names select (int?)assembly.Attribute(name) ?? 0).Sum();
        passed += Sum("passed");
        skipped += Sum("skipped");
        failed += Sum("failed", "errors");
        if (code != 0 && Sum("failed", "errors") == 0) broken.Add($"{project} ended with exit code {code}");
    }
    Console.WriteLine($"{passed} passed, {failed + broken.Count} failed, {skipped} skipped");   // plain, for scripts that read it
    if (failed + broken.Count > 0)
        throw new CakeException(broken.Count == 0 ? $"{failed} tests failed; they are named above." : string.Join("; ", broken) + ".");
}

Task("Clean").Does(() => CleanDirectory("artifacts"));

Task("Restore").Does(() => Run("dotnet", "restore", Solution, "-nologo", "-v", "minimal"));

Task("Build").Does(() => Run("dotnet", "build", Solution, "-c", Configuration, "-nologo", "-v", "minimal"));

Task("Test")
    .IsDependentOn("Build")
    .Does(() => Test("test", "-trait-", "Category=Science", "-trait-", "Category=Report", "-trait-", "Category=Faults"));

// Published figures and closed forms, by seeds and by minutes.
Task("Science")
    .IsDependentOn("Build")
    .Does(() => Test("science", "-trait", "Category=Science"));

// Kills, broken files, full disks: what CI has a sample of, by the hundred thousand.
Task("Faults")
    .IsDependentOn("Build")
    .Does(() => Test("faults", "-trait", "Category=Faults"));

Task("Report")
    .IsDependentOn("Build")
    .Does(() =>
    {
        string[] scale = full ? ["--full"] : [];
        Superposition(["experiment", "--all", "--runs", runs.FullPath, "--overwrite", .. scale]);
        Superposition("report", "--runs", runs.FullPath, "--output", report.FullPath);
        Console.WriteLine($"The report: {report}");
    });

// What only the finished page can show, in a real browser.
Task("Browser")
    .IsDependentOn("Build")
    .Does(() => Test("browser", "-trait", "Category=Report"));

Task("Bench")
    .IsDependentOn("Build")
    .Does(() => Run("dotnet", Built("Benchmarks", "Benchmarks")));

Task("Format")
    .IsDependentOn("Restore")
    .Does(() =>
    {
        string[] check = fix ? [] : ["--verify-no-changes"];
        Run("dotnet", ["format", "whitespace", Solution, "--no-restore", .. check]);
        Run("dotnet", ["format", "style", Solution, "--no-restore", .. check]);
        Run("dotnet", fix ? ["fantomas", "src", "tests"] : ["fantomas", "--check", "src", "tests"]);
    });

Task("Pack")
    .IsDependentOn("Build")
    .Does(() =>
    {
        foreach (var project in new[] { "Pipeline.CSharp", "Analysis.FSharp", "Pipeline.Cli" })
            Run("dotnet", "pack", $"src/{project}", "-c", Configuration, "--no-build", "-nologo", "-o", "artifacts/packages");
    });

RunTarget(target);
