#!/usr/bin/env bash
# The fault matrix anew, printed as a table: some minutes. The table stays in target/tmp/faults/faults.md.
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
