using Superposition.Cli;

using var interruption = new Interruption();
return CommandLine.Run(args, new Session(
    Console.Out, Console.Error, Interactive: !Console.IsOutputRedirected && !Console.IsErrorRedirected, interruption.Token));
