import type { InputOf } from '../../shared/contract.js';

export type NewDaemon = InputOf<'daemons.add'>;
export type DaemonKind = NewDaemon['kind'];
/** What stands in the form, as typed. */
export type DaemonValues = Readonly<Record<string, string>>;

/** A text of the form; `name` is its key in what the main process takes, and in what it finds wrong. */
export interface DaemonField {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly type?: 'text' | 'password' | 'pem';
  readonly maxLength: number;
}

export const DAEMON_KINDS: readonly { readonly value: DaemonKind; readonly text: string }[] = [
  { value: 'unix', text: 'Unix socket' },
  { value: 'tcp', text: 'TCP with token' },
  { value: 'ssh', text: 'SSH' },
];

const NAME: DaemonField = { name: 'name', label: 'Name', maxLength: 200 };

export const DAEMON_FIELDS: Readonly<Record<DaemonKind, readonly DaemonField[]>> = {
  unix: [NAME, { name: 'socketPath', label: 'Path of the socket', help: 'As /run/lb.sock', maxLength: 4096 }],
  tcp: [
    NAME,
    { name: 'url', label: 'Address', help: 'As https://lb1.example:8443', maxLength: 2048 },
    {
      name: 'token',
      label: 'Token',
      help: 'Made with lb token create. It is kept in the key store of this machine, or until the app ends if there is none.',
      type: 'password',
      maxLength: 512,
    },
    {
      name: 'ca',
      label: 'Certificate authority',
      help: 'In PEM form. Empty: a public authority signed the certificate of the daemon.',
      type: 'pem',
      maxLength: 65_536,
    },
    {
      name: 'fingerprint',
      label: 'SHA-256 fingerprint of the certificate',
      help: 'In place of an authority: this certificate and no other.',
      maxLength: 128,
    },
  ],
  ssh: [
    NAME,
    {
      name: 'destination',
      label: 'Host',
      help: 'As root@lb1.example:22, or a name of ~/.ssh/config. Keys and other options are those of ssh.',
      maxLength: 400,
    },
    { name: 'socketPath', label: 'Path of the socket there', help: 'As /run/lb.sock', maxLength: 4096 },
  ],
};

/** What the main process takes. Fields that may be left out are, when they are empty. */
export function daemonOf(kind: DaemonKind, values: DaemonValues): NewDaemon {
  const required = ['name', 'socketPath', 'url', 'destination'];
  const entries = DAEMON_FIELDS[kind].map(({ name }) => [name, values[name] ?? ''] as const);
  const given = entries.filter(([name, value]) => value !== '' || required.includes(name));
  return { kind, ...Object.fromEntries(given) } as NewDaemon;
}

/** The form of a daemon that is known: all but its token. */
export function daemonValues({ kind: _, ...values }: NewDaemon): DaemonValues {
  return values as DaemonValues;
}
