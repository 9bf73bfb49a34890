# Builds, and runs what is asked for: ./build.ps1 [--target=Report|Test|Science|Browser|Bench|Format|Pack|Clean] [--full=true] [--fix=true]
$ErrorActionPreference = 'Stop'
Push-Location $PSScriptRoot
try {
    $env:DOTNET_NOLOGO = '1'
    $env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
    dotnet tool restore --verbosity quiet
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    dotnet cake @args
    exit $LASTEXITCODE
}
finally { Pop-Location }
