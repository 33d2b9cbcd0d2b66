#!/bin/bash
# A real Slurm with four nodes on this one machine: `up.sh DIR` starts it, everything below DIR, no systemd. As root.
# SLURM_TEST_OWN=FOLDER: node c1 sees FOLDER-c1 there, and so on, instead of a shared one.
# SLURM_TEST_ACCOUNTING=yes: it keeps accounts and forgets ended jobs at once; needs slurmdbd, mariadb-server-core, mariadb-client-core.
# Needs slurmctld, slurmd, slurm-client and munge. Then: export SLURM_CONF=DIR/slurm.conf
set -eu
dir=$(realpath -m "$1"); host=$(hostname -s); port=${SLURM_TEST_PORT:-16817}
accounting=${SLURM_TEST_ACCOUNTING:-no}
if [ "$accounting" = yes ]; then storage=slurmdbd remember=2; else storage=none remember=300; fi
mkdir -p "$dir"/{state,log,spool,tmp,munge,db}
chmod 700 "$dir/munge"
[ -f "$dir/munge/key" ] || dd if=/dev/urandom of="$dir/munge/key" bs=1024 count=1 status=none
chmod 600 "$dir/munge/key"

cat > "$dir/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
CryptoType=crypto/munge
SlurmctldPort=$port
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd-%n.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd-%n.log
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
# Without %n the nodes would fight for one PMIx folder.
TmpFS=$dir/tmp/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/$storage
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((port + 1))
AccountingStoragePass=$dir/munge/socket
JobCompType=jobcomp/filetxt
JobCompLoc=$dir/log/jobcomp.txt
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=5
MinJobAge=$remember
InactiveLimit=0
SlurmdTimeout=10
SlurmctldTimeout=10
JobRequeue=1
NodeName=c[1-4] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 194))-$((port + 197))] CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=low Nodes=c[1-4] Default=YES MaxTime=INFINITE PriorityTier=1 PreemptMode=REQUEUE State=UP
PartitionName=yield Nodes=c[1-4] MaxTime=INFINITE PriorityTier=1 PreemptMode=CANCEL State=UP
PartitionName=high Nodes=c[1-4] MaxTime=INFINITE PriorityTier=10 PreemptMode=OFF State=UP
CONF
export SLURM_CONF=$dir/slurm.conf

# Inside a node the nodes' names mean this machine.
{ cat /etc/hosts; echo "127.0.0.1 c1 c2 c3 c4"; } > "$dir/hosts"

munged --force --key-file="$dir/munge/key" --socket="$dir/munge/socket" --pid-file="$dir/munge/pid" \
  --log-file="$dir/log/munged.log" --seed-file="$dir/munge/seed"
if [ "$accounting" = yes ]; then
  mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$dir/db" --auth-root-authentication-method=normal \
    --skip-test-db > "$dir/log/mariadb.log" 2>&1
  # Its folder is gone with the test, so nothing has to survive a power cut.
  setsid mariadbd --no-defaults --user="$(id -un)" --datadir="$dir/db" --skip-networking --socket="$dir/db/socket" \
    --pid-file="$dir/db/pid" --innodb-flush-log-at-trx-commit=0 >> "$dir/log/mariadb.log" 2>&1 < /dev/null &
  for _ in $(seq 100); do [ -S "$dir/db/socket" ] && break; sleep 0.1; done
  cat > "$dir/slurmdbd.conf" <<CONF
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=$((port + 1))
SlurmUser=root
LogFile=$dir/log/slurmdbd.log
PidFile=$dir/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
StorageLoc=slurm
CONF
  chmod 600 "$dir/slurmdbd.conf"
  MYSQL_UNIX_PORT=$dir/db/socket slurmdbd
  for _ in $(seq 100); do sacctmgr --noheader list cluster > /dev/null 2>&1 && break; sleep 0.1; done
  sacctmgr --immediate add cluster test > /dev/null || true
fi
slurmctld -c -f "$SLURM_CONF"
for node in c1 c2 c3 c4; do
  mkdir -p "$dir/spool/$node" "$dir/tmp/$node"
  # A host name and shared memory of its own, so that ranks on "different nodes" do not meet in /dev/shm.
  unshare -um sh -c 'hostname "$1"; mount -t tmpfs tmpfs /dev/shm; mount --bind "$3" /etc/hosts
    [ -z "$4" ] || mount --bind "$4-$1" "$4" || exit 1; exec slurmd -c -N "$1" -f "$2"' \
    sh "$node" "$SLURM_CONF" "$dir/hosts" "${SLURM_TEST_OWN:-}"
done
for _ in $(seq 600); do
  [ "$(sinfo -h -p low -t idle -o %D 2> /dev/null)" = 4 ] && exit 0
  sleep 0.1
done
sinfo >&2
exit 1
