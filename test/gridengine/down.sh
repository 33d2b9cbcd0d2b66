#!/bin/bash
# Ends the Grid Engine that `up.sh DIR` started, jobs included, and waits until its processes are gone.
dir=$(realpath -m "$1")
export SGE_ROOT=$dir/root SGE_CELL=test
export SGE_QMASTER_PORT=${GRID_TEST_PORT:-16444}
export SGE_EXECD_PORT=$((SGE_QMASTER_PORT + 1))
timeout 20 qdel -u '*' > /dev/null 2>&1
# The master forgets a job at once; its shepherd is there until its processes are gone.
shepherds() { grep -lszxF "SGE_ROOT=$SGE_ROOT" /proc/[0-9]*/environ | xargs -rI{} dirname {} | xargs -rI{} grep -lsx sge_shepherd {}/comm; }
for _ in $(seq 100); do [ -z "$(shepherds)" ] && break; sleep 0.1; done
for file in "$dir"/spool/execd/*/execd.pid "$dir/spool/qmaster/qmaster.pid"; do
  [ -f "$file" ] || continue
  pid=$(cat "$file")
  kill "$pid" 2> /dev/null
  for _ in $(seq 100); do kill -0 "$pid" 2> /dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2> /dev/null
done
exit 0
