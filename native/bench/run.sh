#!/bin/sh
# Minimum-size packets over veth to each reflector in turn, as many as one core can send and then one at a time, ROUNDS times
# interleaved. Lines of JSON, the sender's and the reflector's.
# Usage, as root: native/bench/run.sh [BUILD-DIRECTORY [SECONDS [ROUNDS]]]
set -eu
build=${1:-$(dirname "$0")/../build}
seconds=${2:-2}
rounds=${3:-3}
lb=lbq-bench-$$ peer=lbq-peer-$$
trap 'ip netns del "$lb" 2>/dev/null || true; ip netns del "$peer" 2>/dev/null || true' EXIT INT TERM
ip netns add "$lb"
ip netns add "$peer"
ip -n "$lb" link add lb0 type veth peer name peer0 netns "$peer"
for side in "$lb lb0" "$peer peer0"; do
  set -- $side
  ip netns exec "$1" sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'
  ip -n "$1" link set "$2" up
done
# Without a program of its own a veth end takes frames only through this.
ip netns exec "$lb" ethtool -K lb0 gro on
mac=$(ip netns exec "$lb" cat /sys/class/net/lb0/address)

against() {
  sender=$1
  shift
  ip netns exec "$lb" taskset -c 1 "$@" &
  reflector=$!
  ip netns exec "$peer" taskset -c 0 "$build/bench/$sender" peer0 "$mac" "$seconds"
  wait "$reflector"
}
one() {
  against blast "$@"
}
i=0
while [ "$i" -lt "$rounds" ]; do
  one "$build/bench/reflect_afxdp" lb0 0 "$seconds"
  one "$build/bench/reflect_lbq" xdp lb0 "$seconds"
  one "$build/bench/reflect_afpacket" lb0 "$seconds"
  one "$build/bench/reflect_lbq" packet lb0 "$seconds"
  one "$build/bench/reflect_lbq" packet-low-latency lb0 "$seconds"
  for kind in xdp packet packet-low-latency; do
    against round_trip "$build/bench/reflect_lbq" "$kind" lb0 "$seconds"
  done
  i=$((i + 1))
done
