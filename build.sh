#!/usr/bin/env bash
# Builds, and runs what is asked for: ./build.sh [--target=Report|Test|Science|Browser|Bench|Format|Pack|Clean] [--full=true] [--fix=true]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet tool restore --verbosity quiet
dotnet cake "$@"
