#!/bin/sh
# Ends what still runs on the three hosts of up.sh, and removes them.
for name in ap1 ap2 ap3 apswitch; do
  ip netns pids $name 2> /dev/null | xargs -r kill -9
  ip netns del $name 2> /dev/null
done
exit 0
