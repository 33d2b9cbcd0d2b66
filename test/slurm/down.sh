#!/bin/bash
# Ends the Slurm that `up.sh DIR` started, jobs included, and waits until its processes are gone.
dir=$(realpath -m "$1"); export SLURM_CONF=$dir/slurm.conf
timeout 20 scancel --user="$(id -un)" 2> /dev/null
for file in "$dir"/slurmd-c*.pid "$dir/slurmctld.pid" "$dir/slurmdbd.pid" "$dir/db/pid" "$dir/munge/pid"; do
  [ -f "$file" ] || continue
  pid=$(cat "$file")
  kill "$pid" 2> /dev/null
  for _ in $(seq 100); do kill -0 "$pid" 2> /dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2> /dev/null
done
exit 0
