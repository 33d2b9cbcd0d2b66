#!/bin/sh
# Ends what still runs on the three hosts of up.sh (`down.sh [NAME]`), and removes them.
host=${1:-ap}
for name in ${host}1 ${host}2 ${host}3 ${host}switch; do
  ip netns pids $name 2> /dev/null | xargs -r kill -9
  ip netns del $name 2> /dev/null
done
exit 0
