#!/bin/bash
# A real Grid Engine on this one machine: `up.sh DIR` starts it, everything below DIR, no systemd. As root.
# Needs gridengine-master, gridengine-exec and gridengine-client. Then: export SGE_ROOT=DIR/root SGE_CELL=test
# SGE_QMASTER_PORT=$GRID_TEST_PORT SGE_EXECD_PORT=$((GRID_TEST_PORT + 1))
set -eu
dir=$(realpath -m "$1")
export SGE_ROOT=$dir/root SGE_CELL=test
export SGE_QMASTER_PORT=${GRID_TEST_PORT:-16444}
export SGE_EXECD_PORT=$((SGE_QMASTER_PORT + 1))
cell=$SGE_ROOT/$SGE_CELL/common
mkdir -p "$cell" "$dir"/{spool/qmaster/job_scripts,spool/execd,db,log}
for part in bin lib util utilbin; do ln -sfn "/var/lib/gridengine/$part" "$SGE_ROOT/$part"; done

cat > "$cell/bootstrap" <<CONF
admin_user              none
default_domain          none
ignore_fqdn             true
spooling_method         berkeleydb
spooling_lib            libspoolb
spooling_params         $dir/db
binary_path             /usr/sbin
qmaster_spool_dir       $dir/spool/qmaster
security_mode           none
listener_threads        2
worker_threads          2
scheduler_threads       1
CONF
# Whatever this machine calls itself, there is one host, and its name leads back to it.
echo "localhost $(hostname) $(hostname -s)" > "$cell/host_aliases"
echo localhost > "$cell/act_qmaster"
# Root's jobs are taken, ended ones are accounted for at once, and a job ends with all of its processes.
sed -e "s|^execd_spool_dir .*|execd_spool_dir $dir/spool/execd|" -e 's/^min_uid .*/min_uid 0/' -e 's/^min_gid .*/min_gid 0/' \
  -e 's/^execd_params .*/execd_params ENABLE_ADDGRP_KILL=TRUE/' -e 's/^load_report_time .*/load_report_time 00:00:02/' \
  -e 's/flush_time=00:00:15/flush_time=00:00:01 accounting_flush_time=00:00:00/' -e 's/^mailer .*/mailer none/' \
  -e 's/^administrator_mail .*/administrator_mail none/' -e '/_command\t/d' \
  /usr/share/gridengine/default-configuration > "$dir/configuration"
lib=/usr/lib/gridengine
$lib/spoolinit berkeleydb libspoolb "$dir/db" init > "$dir/log/setup.log"
{
  $lib/spooldefaults configuration "$dir/configuration"
  $lib/spooldefaults complexes /usr/share/gridengine/util/resources/centry
  $lib/spooldefaults usersets /usr/share/gridengine/util/resources/usersets
  $lib/spooldefaults managers "$(id -un)"
} >> "$dir/log/setup.log" 2>&1

sge_qmaster >> "$dir/log/setup.log" 2>&1
for _ in $(seq 100); do qconf -sh > /dev/null 2>&1 && break; sleep 0.1; done
# What qconf would have a person edit.
edited() { { echo '#!/bin/sh'; cat; } > "$dir/edit.sh"; chmod +x "$dir/edit.sh"; EDITOR="$dir/edit.sh" qconf "$@"; }
set_to() { printf "sed -i -e 's|^%s  *.*|%s %s|' \"\$1\"\n" "$1" "$1" "$2"; }
{
  qconf -as localhost
  { set_to schedule_interval 0:0:1; set_to flush_submit_sec 1; set_to flush_finish_sec 1; set_to job_load_adjustments NONE; } | edited -msconf
  { set_to slots 999; set_to allocation_rule '$pe_slots'; set_to control_slaves TRUE; } | edited -ap smp
  sge_execd
  # Grid Engine gives its jobs a niceness: that of the tests, beside which they are to keep up.
  { set_to hostlist localhost; set_to slots 8; set_to pe_list smp; set_to load_thresholds NONE; set_to shell /bin/sh; set_to priority "$(nice)"; } | edited -aq all.q
} >> "$dir/log/setup.log" 2>&1
for _ in $(seq 300); do
  # A host that has reported in has a load, and its queue then no state letter.
  qstat -f 2> /dev/null | grep -q 'lx-amd64 *$' && exit 0
  sleep 0.1
done
qstat -f >&2
exit 1
