#!/bin/sh
# Three hosts on one machine: `up.sh DIR [NAME]` makes network namespaces ap1, ap2, ap3 (or NAME1, …) with addresses 10.77.0.1 to .3, joined by a
# bridge in a fourth one, and writes hosts, hostfile and the agent that mpirun uses instead of ssh. As root.
set -e
dir=$1; name=${2:-ap}; mkdir -p "$dir"
ip netns add ${name}switch
ip netns exec ${name}switch ip link add br0 type bridge
ip netns exec ${name}switch ip link set br0 up
echo '127.0.0.1 localhost' > "$dir/hosts"
: > "$dir/hostfile"
for i in 1 2 3; do
  ip netns add $name$i
  ip link add v$i netns $name$i type veth peer name p$i netns ${name}switch
  ip netns exec $name$i ip link set lo up
  ip netns exec $name$i ip addr add 10.77.0.$i/24 dev v$i
  ip netns exec $name$i ip link set v$i up
  ip netns exec ${name}switch ip link set p$i master br0
  ip netns exec ${name}switch ip link set p$i up
  echo "10.77.0.$i $name$i" >> "$dir/hosts"
  echo "$name$i slots=1" >> "$dir/hostfile"
done
# on HOST command…: runs it on that host, with its name and its view of the others
cat > "$dir/on" <<ON
#!/bin/sh
h=\$1; shift
case \$h in 10.77.0.*) h=$name\${h##*.} ;; esac
exec ip netns exec \$h unshare -um sh -c 'hostname '\$h'; mount --bind $dir/hosts /etc/hosts; exec "\$@"' sh "\$@"
ON
# mpirun calls: agent [options] HOST 'orted …'
cat > "$dir/agent" <<AGENT
#!/bin/sh
while case \$1 in -*) true ;; *) false ;; esac; do shift; done
h=\$1; shift
exec $dir/on \$h sh -c "\$*"
AGENT
# mpirun on the first host
cat > "$dir/mpirun" <<MPIRUN
#!/bin/sh
exec $dir/on ${name}1 mpirun "\$@"
MPIRUN
chmod +x "$dir/on" "$dir/agent" "$dir/mpirun"
