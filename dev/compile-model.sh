#!/usr/bin/env bash
# Writes EF Core's model of the tables as code, so that a start need not make it (docs/performance.md, Start): dev/compile-model.sh
# To be run after every change of the context or of an entity; a test compares the two. SQL Server makes its model at the start.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet tool restore >/dev/null
folder=src/PpidWorkflow.Application/Persistence/CompiledModels
rm -rf "$folder"
dotnet build src/PpidWorkflow.Web -v quiet -p:RunAnalyzers=false
for provider in Sqlite PostgreSql; do
  dotnet ef dbcontext optimize --no-build \
    --project src/PpidWorkflow.Application --startup-project src/PpidWorkflow.Web --context "${provider}PpidDbContext" \
    --output-dir "Persistence/CompiledModels/$provider" --namespace "PpidWorkflow.Application.Persistence.CompiledModels.$provider"
done
# No mark of byte order, and no blank at the end of a line.
find "$folder" -name '*.cs' -exec sed -i -e '1s/^\xEF\xBB\xBF//' -e 's/[[:space:]]*$//' {} +
