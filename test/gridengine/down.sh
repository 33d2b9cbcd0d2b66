#!/bin/bash
# Ends the Grid Engine that `up.sh DIR` started.
dir=$(realpath -m "$1")
for file in "$dir"/spool/execd/*/execd.pid "$dir/spool/qmaster/qmaster.pid"; do
  [ -f "$file" ] || continue
  pid=$(cat "$file")
  kill "$pid" 2> /dev/null
  for _ in $(seq 100); do kill -0 "$pid" 2> /dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2> /dev/null
done
exit 0
