#!/usr/bin/env bash
# An independent receiver of traces (oteltap) for the tests: on loopback, in a Python environment of
# its own.
#
#   bash tests/collector.sh
#       prints its address, then each span as a line of JSON, until its input ends
#   bash tests/collector.sh --prepare
#       installs the receiver and does not start it
#   bash tests/collector.sh --installed
#       succeeds if the receiver is installed

collector_home=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$collector_home/python.sh"

if [ "${1:-}" = --installed ]; then
  [ -e "$(python_base collector)/ready" ]
  exit
fi
python=$(python_of collector) || exit 1
[ "${1:-}" != --prepare ] || exit 0
exec "$python" "$collector_home/collector/receiver.py"
