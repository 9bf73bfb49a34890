using Superposition.Analysis.Experiments; using Superposition.Training;
var scale = args[1] == "quick" ? Scale.Quick : Scale.Full;
foreach (var e in Catalog.all) if (args[0]=="all" || e.Name==args[0]) { var sw=System.Diagnostics.Stopwatch.StartNew(); foreach (var c in e.Run.Invoke(new RunSettings("artifacts/runs/"+e.Name, true, scale, "data", new Progress<TrainingProgress>(_=>{}), default))) Console.WriteLine(c); Console.WriteLine($"{e.Name} {sw.Elapsed.TotalSeconds:F1} s"); }
Laboratory.write("artifacts/runs","data/results","artifacts/report/index.html");
return 0;
