#!/usr/bin/env bash
# Runs the fault matrix and prints its table. Takes about twelve minutes.
# The table stays in target/tmp/faults/faults.md. docs/faults.md explains it.
#
#   bash tests/faults.sh

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
table=${CARGO_TARGET_DIR:-target}/tmp/faults
rm -rf "$table"
bash tests/run.sh --locked --no-fail-fast --test desk matrix:: >&2
status=$?
cat "$table/faults.md"
exit "$status"
