import { type FormEvent, useState } from 'react';
import type { InputOf } from '../../shared/contract.js';
import { useApp } from '../stores/index.js';
import { Dialog, DialogActions, Field, Tabs } from '../ui/index.js';

type Kind = 'unix' | 'tcp';

/** Asks where a daemon is. What is wrong with the answers is said by the main process, which checks them. */
export function AddDaemon({ onClose }: { onClose(): void }) {
  const { bridge, stores } = useApp();
  const [kind, setKind] = useState<Kind>('unix');
  const [values, setValues] = useState({ name: '', socketPath: '', url: '', token: '', fingerprint: '' });
  const [error, setError] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      const info = await bridge.call('daemons.add', inputOf(kind, values));
      stores.connection.getState().update(info);
      stores.connection.getState().select(info.id);
      onClose();
    } catch (reason) {
      setError(reason instanceof Error ? reason.message : String(reason));
    }
  };
  const text = (key: keyof typeof values, label: string, help?: string, type = 'text') => (
    <Field label={label} {...(help !== undefined && { help })}>
      {(attributes) => (
        <input
          className="input"
          type={type}
          value={values[key]}
          onChange={(event) => setValues({ ...values, [key]: event.target.value })}
          {...attributes}
        />
      )}
    </Field>
  );
  return (
    <Dialog title="Add a daemon" onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <Tabs<Kind>
          label="How it is reached"
          value={kind}
          onChange={setKind}
          options={[
            { value: 'unix', text: 'Unix socket' },
            { value: 'tcp', text: 'TCP with token' },
          ]}
        />
        {text('name', 'Name')}
        {kind === 'unix' &&
          text('socketPath', 'Path of the socket', 'Also one that SSH forwards from another machine.')}
        {kind === 'tcp' && text('url', 'Address', 'As https://lb1.example:8443')}
        {kind === 'tcp' &&
          text('token', 'Token', 'Made with lb token add; kept in the key store of this machine.', 'password')}
        {kind === 'tcp' &&
          text('fingerprint', 'SHA-256 fingerprint of the certificate', 'Empty: a public authority signed it.')}
        {error !== undefined && (
          <p className="tone-bad" role="alert">
            {error}
          </p>
        )}
        <DialogActions action="Add" onCancel={onClose} />
      </form>
    </Dialog>
  );
}

function inputOf(kind: Kind, values: Readonly<Record<string, string>>): InputOf<'daemons.add'> {
  const { name = '', socketPath = '', url = '', token = '', fingerprint = '' } = values;
  if (kind === 'unix') return { kind, name, socketPath };
  return { kind, name, url, token, ...(fingerprint !== '' && { fingerprint }) };
}
