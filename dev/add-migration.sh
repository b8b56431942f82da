#!/usr/bin/env bash
# Adds a migration to every provider at once: dev/add-migration.sh <Name>
# Before the first release the first may be written anew: dev/add-migration.sh --initial
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet tool restore >/dev/null
name=${1:?name of the migration, or --initial}
if [[ $name == --initial ]]; then
  rm -rf src/PpidWorkflow.Application/Persistence/Migrations
  name=Initial
fi
for provider in Sqlite PostgreSql SqlServer; do
  dotnet ef migrations add "$name" \
    --project src/PpidWorkflow.Application --startup-project src/PpidWorkflow.Web \
    --context "${provider}PpidDbContext" --output-dir "Persistence/Migrations/$provider"
done
dev/compile-model.sh
