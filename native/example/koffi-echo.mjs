// One packet from TypeScript's side of the fence: out by AF_PACKET on one end of a veth pair, in by AF_XDP on the other, MACs
// swapped in frame memory, and back. Shows how each function is declared for koffi and what to watch; prints what a call costs.
//
//   ip netns add echo && ip -n echo link add a0 type veth peer name b0
//   ip -n echo link set a0 up && ip -n echo link set b0 up
//   ip netns exec echo node native/example/koffi-echo.mjs native/build/liblbqueue.so a0 b0
//   ip netns del echo
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// koffi as the directory that this runs in sees it.
const koffi = createRequire(pathToFileURL(`${process.cwd()}/`))('koffi');

const [libraryPath, xdpInterface, packetInterface] = process.argv.slice(2);
if (packetInterface === undefined) {
  console.error('usage: node koffi-echo.mjs LIBRARY XDP-INTERFACE PACKET-INTERFACE');
  process.exit(1);
}

koffi.struct('lbq_queue_options', {
  kind: 'uint32_t',
  flags: 'uint32_t',
  queue: 'uint32_t',
  rx_frames: 'uint32_t',
  tx_frames: 'uint32_t',
  fanout_group: 'uint32_t',
  filter: 'int32_t',
  interface: koffi.array('char', 16, 'String'),
});
koffi.struct('lbq_info', {
  address: 'uint64_t',
  bytes: 'uint64_t',
  kind: 'uint32_t',
  mode: 'uint32_t',
  frame_size: 'uint32_t',
  frames: 'uint32_t',
  rx_frames: 'uint32_t',
  tx_frames: 'uint32_t',
  fd: 'int32_t',
  interface_index: 'uint32_t',
  mtu: 'uint32_t',
  existed: 'uint32_t',
  mac: koffi.array('uint8_t', 6),
  reserved: koffi.array('uint8_t', 2),
  interface: koffi.array('char', 16, 'String'),
});

const library = koffi.load(libraryPath);
// Arrays that the library writes are declared as plain pointers, not _Out_: a typed array is then passed as it is, and koffi
// copies nothing before or after the call.
const lbq = {
  memoryOpen: library.func('int32_t lbq_memory_open(const char *path, uint64_t bytes, uint32_t flags)'),
  poolOpen: library.func('int32_t lbq_pool_open(int32_t memory, uint32_t frame_size)'),
  alloc: library.func('int32_t lbq_alloc(int32_t handle, uint32_t *offset, uint32_t n)'),
  free: library.func('int32_t lbq_free(int32_t handle, uint32_t *offset, uint32_t n)'),
  filterOpen: library.func('int32_t lbq_filter_open(const char *interface, uint32_t flags)'),
  filterSet: library.func(
    'int32_t lbq_filter_set(int32_t filter, uint32_t kind, uint32_t operation, uint8_t *entries, uint32_t count)',
  ),
  queueOpen: library.func('int32_t lbq_queue_open(int32_t pool, lbq_queue_options *options)'),
  rx: library.func('int32_t lbq_rx(int32_t queue, uint32_t *offset, uint32_t *length, uint32_t max)'),
  tx: library.func('int32_t lbq_tx(int32_t queue, uint32_t *offset, uint32_t *length, uint32_t n)'),
  reclaim: library.func('int32_t lbq_reclaim(int32_t pool)'),
  wait: library.func('int32_t lbq_wait(int32_t *queues, uint32_t n, uint32_t timeout_us)'),
  wake: library.func('int32_t lbq_wake(int32_t pool_or_queue)'),
  info: library.func('int32_t lbq_info(int32_t handle, _Out_ lbq_info *info)'),
  stats: library.func('int32_t lbq_stats(int32_t handle, uint64_t *values, uint32_t n)'),
  pin: library.func('int32_t lbq_pin(uint32_t cpu)'),
  close: library.func('int32_t lbq_close(int32_t handle)'),
  lastError: library.func('int32_t lbq_last_error(uint8_t *text, uint32_t size)'),
};

function checked(result) {
  if (result >= 0) return result;
  const text = new Uint8Array(320);
  const length = lbq.lastError(text, text.length);
  throw new Error(Buffer.from(text.subarray(0, length)).toString());
}

const LBQ_XDP = 1;
const LBQ_PACKET = 2;
const LBQ_QUEUE_LOW_LATENCY = 32;
const BURST = 256;

const memory = checked(lbq.memoryOpen(null, 4096 * 2048, 1));
const pool = checked(lbq.poolOpen(memory, 2048));
const poolInfo = {};
checked(lbq.info(pool, poolInfo));
// uint64_t arrives as a number below 2^53 and as a bigint above; user-space addresses are below 2^47.
const frames = new Uint8Array(koffi.view(BigInt(poolInfo.address), Number(poolInfo.bytes)));

const filter = checked(lbq.filterOpen(xdpInterface, 0));
// struct lbq_filter_entry: family 4, prefix length 24, 198.51.100.0 at byte 12.
const entry = new Uint8Array(28);
entry.set([4, 24], 0);
entry.set([198, 51, 100], 12);
checked(lbq.filterSet(filter, 1, 1, entry, 1));

const common = { flags: 0, queue: 0, rx_frames: 0, tx_frames: 0, fanout_group: 0, filter: 0 };
const xdp = checked(lbq.queueOpen(pool, { ...common, kind: LBQ_XDP, filter, interface: xdpInterface }));
const packet = checked(
  lbq.queueOpen(pool, { ...common, kind: LBQ_PACKET, flags: LBQ_QUEUE_LOW_LATENCY, interface: packetInterface }),
);

const offset = new Uint32Array(BURST);
const length = new Uint32Array(BURST);

function receiveOne(queue) {
  const queues = Int32Array.of(queue);
  for (;;) {
    if (checked(lbq.wait(queues, 1, 2_000_000)) === 0) throw new Error('nothing came within two seconds');
    const n = checked(lbq.rx(queue, offset, length, BURST));
    for (let i = 0; i < n; i++) {
      const at = offset[i];
      // 198.51.100.7 where IPv4 has its destination; the interfaces' own chatter goes back to the pool.
      if (frames[at + 12] === 8 && frames[at + 30] === 198 && frames[at + 33] === 7) {
        offset[0] = at;
        length[0] = length[i];
        return at;
      }
      checked(lbq.free(pool, Uint32Array.of(at), 1));
    }
  }
}

function swapMacs(at) {
  for (let i = 0; i < 6; i++) {
    const byte = frames[at + i];
    frames[at + i] = frames[at + 6 + i];
    frames[at + 6 + i] = byte;
  }
}

const request = new Uint8Array(60);
request.fill(0xff, 0, 6);
request.set([2, 0, 0, 0, 0, 99, 8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 198, 18, 0, 1, 198, 51, 100, 7], 6);

checked(lbq.alloc(pool, offset, 1));
frames.set(request, offset[0]);
length[0] = request.length;
checked(lbq.tx(packet, offset, length, 1));

const seen = receiveOne(xdp);
if (seen % 4 !== 2) throw new Error(`Ethernet header at ${seen}, not 2 modulo 4`);
if (Buffer.compare(frames.subarray(seen, seen + length[0]), request) !== 0) throw new Error('the bytes differ');
swapMacs(seen);
checked(lbq.tx(xdp, offset, length, 1));

const back = receiveOne(packet);
swapMacs(back);
if (Buffer.compare(frames.subarray(back, back + length[0]), request) !== 0)
  throw new Error('the bytes came back different');
checked(lbq.free(pool, offset, 1));

const values = new BigUint64Array(16);
checked(lbq.stats(xdp, values, values.length));
console.log(`round trip done; AF_XDP received ${values[0]}, sent ${values[2]}, pages kind ${poolInfo.mode}`);

// From another thread it ends a wait that is under way; here it comes first and ends the next.
checked(lbq.wake(pool));
const wakeStart = Date.now();
checked(lbq.wait(Int32Array.of(pool), 1, 10_000_000));
if (Date.now() - wakeStart > 5000) throw new Error('lbq_wake did not end the wait');

const calls = 200_000;
const start = process.hrtime.bigint();
for (let i = 0; i < calls; i++) lbq.rx(xdp, offset, length, BURST);
console.log(`an rx call that finds nothing: ${Number(process.hrtime.bigint() - start) / calls} ns`);

// Views outlive the handle: after the last close they point at unmapped memory, and touching one ends the process.
for (const handle of [memory, pool, filter, xdp, packet]) checked(lbq.close(handle));
if (lbq.close(pool) !== -1) throw new Error('a second close should answer LBQ_E_HANDLE');
