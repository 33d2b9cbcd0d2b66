#!/bin/bash
# Ends the Grid Engine that `up.sh DIR` started, jobs included, and waits until its processes are gone.
dir=$(realpath -m "$1")
export SGE_ROOT=$dir/root SGE_CELL=test
export SGE_QMASTER_PORT=${GRID_TEST_PORT:-16444}
export SGE_EXECD_PORT=$((SGE_QMASTER_PORT + 1))
timeout 20 qdel -u '*' > /dev/null 2>&1
# The master forgets a job at once; its processes end a moment later, those in sessions of their own never.
left() { grep -lszxF "SGE_ROOT=$SGE_ROOT" /proc/[0-9]*/environ | xargs -r grep -lsz '^JOB_ID=' | cut -d / -f 3; }
for _ in $(seq 50); do [ -z "$(left)" ] && break; sleep 0.1; done
kill -s KILL $(left) 2> /dev/null
for file in "$dir"/spool/execd/*/execd.pid "$dir/spool/qmaster/qmaster.pid"; do
  [ -f "$file" ] || continue
  pid=$(cat "$file")
  kill "$pid" 2> /dev/null
  for _ in $(seq 100); do kill -0 "$pid" 2> /dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2> /dev/null
done
exit 0
