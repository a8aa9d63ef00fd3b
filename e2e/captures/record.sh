#!/usr/bin/env bash
# Records the captures of this folder: real programs in three network namespaces, client - hop - server. The server holds
# the addresses that the tests configure as VIPs; the recording is made at its interface. See README.md. Needs root.
set -euo pipefail

out=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
client=lbcap-client-$$ hop=lbcap-hop-$$ server=lbcap-server-$$
vip4=90.1.2.1 vip6=2004::1
pids=()

cleanup() {
  local pid ns
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  for ns in "$client" "$hop" "$server"; do ip netns del "$ns" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT

on() { ip netns exec "$@"; }

# Waits until a command succeeds; gives up after ten seconds.
await() {
  local tries
  for ((tries = 0; tries < 200; tries++)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.05
  done
  echo "gave up waiting for: $*" >&2
  return 1
}

background() {
  "$@" >>"$work/background.log" 2>&1 &
  pids+=($!)
}

# --- topology ---------------------------------------------------------------------------------------------------------

# link NS DEVICE MAC NS DEVICE MAC
link() {
  ip link add "$2" address "$3" netns "$1" type veth peer name "$5" address "$6" netns "$4"
  configure "$1" "$2"
  configure "$4" "$5"
}

# Without offloads every checksum in the capture is the one that would be on a wire, and no frame exceeds the MTU.
configure() {
  on "$1" ethtool -K "$2" tx off rx off tso off gso off gro off sg off txvlan off rxvlan off >/dev/null
  on "$1" sysctl -q -w "net.ipv6.conf.$2.accept_dad=0"
  on "$1" ip link set "$2" up
}

for ns in "$client" "$hop" "$server"; do
  ip netns add "$ns"
  on "$ns" ip link set lo up
done
link "$client" client0 02:00:00:00:01:10 "$hop" hop0 02:00:00:00:01:01
link "$hop" hop1 02:00:00:00:02:fe "$server" server0 02:00:00:00:02:01
on "$client" ip addr add 198.51.100.10/24 dev client0
on "$client" ip addr add 2001:db8:1::10/64 dev client0 nodad
on "$hop" ip addr add 198.51.100.1/24 dev hop0
on "$hop" ip addr add 2001:db8:1::1/64 dev hop0 nodad
on "$hop" ip addr add 90.1.2.254/24 dev hop1
on "$hop" ip addr add 2004::fe/64 dev hop1 nodad
on "$server" ip addr add $vip4/24 dev server0
on "$server" ip addr add $vip6/64 dev server0 nodad
on "$hop" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
on "$client" ip route add default via 198.51.100.1
on "$client" ip -6 route add default via 2001:db8:1::1
on "$server" ip route add default via 90.1.2.254
on "$server" ip -6 route add default via 2004::fe

# --- servers ----------------------------------------------------------------------------------------------------------

mkdir "$work/www"
seq 1 1800 >"$work/www/numbers.txt"
seq 1 1200 >"$work/upload.txt"
cat >"$work/nginx.conf" <<CONF
daemon off;
master_process off;
user root;
pid $work/nginx.pid;
error_log $work/nginx.log;
events {}
http {
  access_log off;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  server {
    listen $vip4:80;
    listen [$vip6]:80;
    root $work/www;
    location = /upload { return 204; }
  }
}
CONF
background ip netns exec "$server" nginx -c "$work/nginx.conf"
background ip netns exec "$server" dnsmasq --no-daemon --conf-file=/dev/null --user=root --pid-file= --no-resolv --no-hosts \
  --bind-interfaces --listen-address=$vip4 --listen-address=$vip6 \
  --host-record=www.example.test,192.0.2.7,2001:db8::7 --txt-record="long.example.test,$(seq -s ' ' 1 60)"
dnsmasq=$!
await on "$client" curl -sf -o /dev/null http://$vip4/numbers.txt
await on "$client" curl -sf -o /dev/null "http://[$vip6]/numbers.txt"
await on "$client" dig +tries=1 +time=1 @$vip4 www.example.test
await on "$client" dig +tries=1 +time=1 @$vip6 www.example.test

# --- recording --------------------------------------------------------------------------------------------------------

# record NAME FUNCTION [ARGUMENT...]: what passes the server's interface while the function runs. Neighbours are forgotten
# first, so that ARP and neighbour discovery are in it, as they would be.
record() {
  local name=$1 recorder
  shift
  on "$server" ip neigh flush all
  on "$hop" ip neigh flush all
  ip netns exec "$server" tcpdump -q -n -i server0 -s 0 -U --immediate-mode -Z root -w "$work/$name" \
    "${tcpdump_options[@]}" 2>"$work/tcpdump.log" &
  recorder=$!
  await grep -q 'listening on' "$work/tcpdump.log"
  "$@"
  sleep 0.3
  kill -INT "$recorder"
  wait "$recorder" || true
  mv "$work/$name" "$out/$name"
  printf '%s: %s frames, %s bytes\n' "$name" "$(tcpdump -n -r "$out/$name" 2>/dev/null | wc -l)" "$(stat -c %s "$out/$name")"
}
tcpdump_options=()

http() {
  local connection
  for connection in 1 2 3; do on "$client" curl -sf -o /dev/null "http://$1/numbers.txt?$connection"; done
  on "$client" curl -sf --data-binary "@$work/upload.txt" "http://$1/upload"
}

dns() {
  local type
  for type in A AAAA MX; do on "$client" dig "@$1" www.example.test $type >/dev/null; done
  on "$client" dig "@$1" long.example.test TXT >/dev/null
  on "$client" dig +tcp "@$1" www.example.test A >/dev/null
}

iperf() {
  local address=$1
  shift
  ip netns exec "$server" iperf3 -s -1 --forceflush >"$work/iperf3.log" &
  await grep -q 'Server listening' "$work/iperf3.log"
  on "$client" iperf3 -c "$address" "$@" >/dev/null
  wait $!
}
iperf_tcp() { iperf "$1" -n 24K -l 4K; }
# Datagrams of 4,000 bytes: three fragments each.
iperf_udp() { iperf "$1" -u -l 4000 -k 5; }

ping_ip4() {
  on "$client" ping -q -c 2 -i 0.1 $vip4 >/dev/null
  on "$client" ping -q -c 1 -s 3000 $vip4 >/dev/null  # fragments
  on "$client" ping -q -c 1 -R $vip4 >/dev/null       # an IP option: record route
  on "$client" ping -q -c 1 -Q 2 $vip4 >/dev/null     # ECT(0) in the ECN bits
  on "$client" ping -q -c 1 -t 2 $vip4 >/dev/null     # arrives with TTL 1
}
ping_ip6() {
  on "$client" ping -q -c 2 -i 0.1 $vip6 >/dev/null
  on "$client" ping -q -c 1 -s 3000 $vip6 >/dev/null
  on "$client" ping -q -c 1 -Q 2 $vip6 >/dev/null
  on "$client" ping -q -c 1 -t 2 $vip6 >/dev/null
}

# The hop's link to the client takes 1,300 bytes; it tells the server, whose larger segments it can't pass on.
path_mtu() {
  on "$hop" ip link set hop0 mtu 1300
  http "$1"
  on "$hop" ip link set hop0 mtu 1500
  on "$server" ip route flush cache
  on "$server" ip -6 route flush cache
}

# A client that is gone when the answer comes: its kernel tells the server that the port is unreachable. The server is
# held until the client's socket is closed.
unreachable() {
  local query='\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x04test\x00\x00\x01\x00\x01'
  kill -STOP "$dnsmasq"
  on "$client" bash -c "printf '$query' >/dev/udp/$1/53"
  on "$client" bash -c "printf '$query' >/dev/udp/$1/53"
  kill -CONT "$dnsmasq"
}

# The server's answers start with a hop limit of 1, so the hop reports that it ran out.
hop_limit() {
  on "$server" sysctl -q -w net.ipv4.ip_default_ttl=1 net.ipv6.conf.server0.hop_limit=1
  ! on "$client" curl -s --connect-timeout 1.5 "http://$1/numbers.txt"
  ! on "$client" dig +tries=1 +time=1 "@${1//[\[\]]/}" www.example.test >/dev/null
  on "$server" sysctl -q -w net.ipv4.ip_default_ttl=64 net.ipv6.conf.server0.hop_limit=64
}

# tagged PUSH POP FUNCTION [ARGUMENT...]: with VLAN tags on the link between hop and server.
tagged() {
  local push=$1 pop=$2 ns device
  shift 2
  for end in "$hop hop1" "$server server0"; do
    read -r ns device <<<"$end"
    on "$ns" tc qdisc add dev "$device" clsact
    on "$ns" tc filter add dev "$device" egress bpf da obj "$work/vlan-tag.o" sec "tc/$push"
    on "$ns" tc filter add dev "$device" ingress bpf da obj "$work/vlan-tag.o" sec "tc/$pop"
  done
  "$@"
  on "$hop" tc qdisc del dev hop1 clsact
  on "$server" tc qdisc del dev server0 clsact
}
http_and_dns() {
  on "$client" curl -sf -o /dev/null "http://$1/numbers.txt"
  on "$client" dig "@${1//[\[\]]/}" www.example.test A >/dev/null
}
clang -O2 -g -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c "$out/vlan-tag.bpf.c" -o "$work/vlan-tag.o"

record http-ip4.pcap http $vip4
record http-ip6.pcap http "[$vip6]"
record dns-ip4.pcap dns $vip4
record dns-ip6.pcap dns $vip6
record iperf3-tcp-ip4.pcap iperf_tcp $vip4
record iperf3-tcp-ip6.pcap iperf_tcp $vip6
record iperf3-udp-fragments-ip4.pcap iperf_udp $vip4
record iperf3-udp-fragments-ip6.pcap iperf_udp $vip6
record ping-ip4.pcap ping_ip4
record ping-ip6.pcap ping_ip6
record path-mtu-ip4.pcap path_mtu $vip4
record path-mtu-ip6.pcap path_mtu "[$vip6]"
record hop-limit-ip4.pcap hop_limit $vip4
record hop-limit-ip6.pcap hop_limit "[$vip6]"
record vlan-ip4.pcap tagged push pop http_and_dns $vip4
record vlan-two-tags-ip6.pcap tagged push_two pop_two http_and_dns "[$vip6]"
# Nanoseconds, and the newer file format.
tcpdump_options=(--time-stamp-precision=nano)
record unreachable-ip4.pcap unreachable $vip4
tcpdump_options=()
record unreachable-ip6.pcap unreachable $vip6
editcap -F pcapng "$out/unreachable-ip6.pcap" "$out/unreachable-ip6.pcapng"
rm "$out/unreachable-ip6.pcap"
