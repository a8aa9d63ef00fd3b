#!/bin/sh
# Records what iproute2 says of a made-up network, in two namespaces of its own: `sh record.sh` as root, in this folder.
# east and west lead to the peer; plain is not to be bound; the routes are one of each kind that matters.
set -eu
here=lb-record-here
peer=lb-record-peer
trap 'ip netns del $here; ip netns del $peer' EXIT
ip netns add $here
ip netns add $peer
i() { ip -n $here "$@"; }
p() { ip -n $peer "$@"; }

n=0
for link in east west plain; do
	n=$((n + 1))
	i link add $link address 02:00:00:00:00:0$n type veth peer name $link address 02:00:00:00:01:0$n netns $peer
	for side in i p; do
		ip netns exec $([ $side = i ] && echo $here || echo $peer) sysctl -qw net.ipv6.conf.$link.router_solicitations=0
		$side link set $link up
	done
	i addr add 10.$n.0.1/24 dev $link
	p addr add 10.$n.0.2/24 dev $link
	i addr add fd0$n::1/64 dev $link nodad
	p addr add fd0$n::2/64 dev $link nodad
done
i link set lo up
i addr add 192.0.2.1/32 dev lo
i link set west mtu 9000
i link property add dev east altname enp0s1
p addr add 10.1.0.3/24 dev east
p addr add fd01::3/64 dev east nodad
p addr add fe80::2/64 dev west nodad

i route add default via 10.1.0.2
i route add 10.20.0.0/16 nexthop via 10.1.0.2 weight 1 nexthop via 10.2.0.2 weight 2
i route add 10.21.0.0/16 via inet6 fd02::2 dev west
i route add blackhole 10.22.0.0/16
i route add unreachable 10.23.0.0/16
i route add prohibit 10.24.0.0/16
i route add throw 10.25.0.0/16
i route add 10.26.0.0/16 via 10.1.0.2 metric 100 mtu 1400
i route add 10.26.0.0/16 via 10.2.0.2 metric 50 mtu lock 1300
i route add 10.27.0.0/24 via 172.16.0.1 dev west onlink
i nexthop add id 1 via 10.1.0.2 dev east
i nexthop add id 2 via 10.2.0.2 dev west
i nexthop add id 3 group 1/2
i nexthop add id 4 blackhole
i route add 10.28.0.0/16 nhid 3
i route add 10.29.0.0/16 nhid 1
i route add 10.30.0.0/16 nhid 4
i route add 10.31.0.0/16 encap ip id 3 dst 198.51.100.1 via 10.1.0.2
i route add 10.32.0.0/16 tos 0x10 via 10.1.0.2
i route add 10.33.0.0/16 via 10.3.0.2
i route add local 10.34.0.0/16 dev lo table main
i route add 10.35.0.7 via 10.1.0.3
i -6 route add default via fd01::2
i -6 route add fd20::/32 nexthop via fd01::2 nexthop via fd02::2
i -6 route add blackhole fd22::/32
i -6 route add unreachable fd23::/32
i -6 route add fd26::/32 via fd01::2 metric 100
i -6 route add fd26::/32 via fe80::2 dev west metric 50
i -6 route add fd27::/32 from fd01::/64 via fd01::2
i -6 route add fd33::/32 via fd03::2

ping="ip netns exec $here ping -q -c1 -W2"
for address in 10.1.0.2 10.1.0.3 fd01::2 10.3.0.2; do $ping $address >/dev/null; done
$ping fe80::2%west >/dev/null
i neigh add 10.1.0.50 lladdr 02:00:00:00:00:50 dev east nud permanent
i neigh add 10.1.0.51 lladdr 02:00:00:00:00:51 dev east nud noarp
i neigh add 10.1.0.52 lladdr 02:00:00:00:00:52 dev east nud stale
i neigh add fd02::52 lladdr 02:00:00:00:00:53 dev west nud delay
i neigh add fd02::54 lladdr 02:00:00:00:00:54 dev west nud probe
i neigh replace 10.2.0.98 dev west nud none use
i neigh replace 10.2.0.99 dev west nud none use
i neigh change 10.2.0.99 dev west nud failed

record() {
	mkdir -p $1
	i -j address show >$1/address.out
	i -j -4 route show table main >$1/route4.out
	i -j -6 route show table main >$1/route6.out
	i -j neigh show nud all >$1/neigh.out
	sed -i 's/},{/},\n{/g' $1/*.out
}
record all-up

ip -n $here -o monitor label link address route neigh nexthop >monitor.txt 2>&1 &
monitor=$!
# iproute2 tells nothing before the first change: make changes until one shows.
until [ -s monitor.txt ]; do i neigh replace 10.1.0.60 lladdr 02:00:00:00:00:60 dev east; i neigh del 10.1.0.60 dev east; done
p link set west down
until i -o link show west | grep -q NO-CARRIER; do :; done
record west-no-carrier
i addr add 10.3.0.9/24 dev plain
i nexthop replace id 1 via 10.1.0.3 dev east
i route del 10.35.0.7
i link set plain down
i link del plain
until grep -q 'LINK.Deleted 4: plain' monitor.txt; do :; done
kill $monitor
wait $monitor || true
ip -V >version.txt
