import type { CapturedPacket } from '@lb/control/captures';
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { useApp } from '../stores/index.js';
import { Button, countOf, formatCount, Panel, Table, type TableColumn } from '../ui/index.js';
import { capture, closeCapture, packetBytes, pickPacket, sayProblem, takeCapture } from './capture-store.js';
import { packetText } from './packet-text.js';

/** The packets of a capture file; the selected one is explained. */
export function CapturePanel() {
  const { name, bytes, packets, problem, picked } = useStore(capture);
  const { bridge } = useApp();
  const columns = useMemo(() => columnsOf(bytes, packets[0]?.atMs ?? 0), [bytes, packets]);
  const open = async (): Promise<void> => {
    try {
      const file = await bridge.call('files.open', { kind: 'pcap' });
      if (file !== null && 'bytes' in file) takeCapture(file.name, file.bytes);
    } catch (error) {
      sayProblem((error as Error).message);
    }
  };
  return (
    <Panel
      title={name === null ? 'Packets of a capture' : `Packets of ${name}`}
      tools={
        <>
          {name !== null && <span className="muted">{countOf(packets.length, 'packet')}</span>}
          <Button onClick={() => void open()}>Open a capture…</Button>
          {name !== null && <Button onClick={closeCapture}>Close it</Button>}
        </>
      }
    >
      {problem !== null && (
        <p role="alert" className={name === null ? 'tone-bad' : 'tone-warn'}>
          {problem}
        </p>
      )}
      {name === null ? (
        <p className="drop-here muted">Drop a pcap or pcapng file here: each packet of it can be explained.</p>
      ) : (
        <Table
          label="Packets of the capture"
          columns={columns}
          rows={packets}
          keyOf={({ number }) => `${number}`}
          selected={new Set(picked === null ? [] : [`${picked}`])}
          onSelect={(selected) => {
            const number = Number([...selected].at(-1));
            const packet = packets.find((other) => other.number === number);
            if (packet !== undefined && number !== picked) pickPacket(packet);
          }}
          maxRows={8}
        />
      )}
    </Panel>
  );
}

function columnsOf(bytes: Uint8Array, startMs: number): readonly TableColumn<CapturedPacket>[] {
  const text = (packet: CapturedPacket): string => packetText(packetBytes(bytes, packet));
  return [
    {
      id: 'number',
      head: 'number',
      width: '5rem',
      align: 'end',
      cell: ({ number }) => formatCount(number),
      sortBy: ({ number }) => number,
    },
    {
      id: 'time',
      head: 'time',
      width: '7rem',
      align: 'end',
      cell: ({ atMs }) => `${((atMs - startMs) / 1000).toFixed(6)} s`,
      sortBy: ({ atMs }) => atMs,
    },
    {
      id: 'packet',
      head: 'packet',
      width: 'minmax(16rem, 1fr)',
      cell: (packet) => <span className="mono">{text(packet)}</span>,
      sortBy: text,
    },
    {
      id: 'length',
      head: 'bytes',
      width: '9rem',
      align: 'end',
      cell: ({ capturedBytes, wireBytes }) =>
        capturedBytes < wireBytes
          ? `${formatCount(capturedBytes)} of ${formatCount(wireBytes)}`
          : formatCount(capturedBytes),
      sortBy: ({ wireBytes }) => wireBytes,
    },
  ];
}
