import { type FormEvent, useEffect, useState } from 'react';
import { useApp } from '../stores/index.js';
import { Button, Dialog, DialogActions, Field, Tabs } from '../ui/index.js';
import {
  DAEMON_FIELDS,
  DAEMON_KINDS,
  type DaemonField,
  type DaemonKind,
  type DaemonValues,
  daemonOf,
  daemonValues,
} from './daemon-fields.js';

type Errors = Readonly<Record<string, string>>;

/** Asks where a daemon is; with an id where one that is known is to be found from now on. The main process checks the answers. */
export function DaemonDialog({ id, onClose }: { readonly id?: string; onClose(): void }) {
  const { bridge, stores } = useApp();
  const [kind, setKind] = useState<DaemonKind>('unix');
  const [values, setValues] = useState<DaemonValues>({});
  const [errors, setErrors] = useState<Errors>({});
  useEffect(() => {
    if (id === undefined) return;
    bridge.call('daemons.get', { id }).then(
      (daemon) => {
        setKind(daemon.kind);
        setValues(daemonValues(daemon));
      },
      (reason: Error) => setErrors({ '': reason.message }),
    );
  }, [bridge, id]);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const daemon = daemonOf(kind, values);
    try {
      const answer = await (id === undefined
        ? bridge.call('daemons.add', daemon)
        : bridge.call('daemons.change', { id, daemon }));
      if (!answer.ok) {
        setErrors(Object.fromEntries(answer.problems.map(({ field, message }) => [field, message])));
        return focusWrong(form);
      }
      stores.connection.getState().update(answer.info);
      stores.connection.getState().select(answer.info.id);
      onClose();
    } catch (reason) {
      setErrors({ '': textOf(reason) });
    }
  };
  const forget = async (known: string) => {
    try {
      await bridge.call('daemons.remove', { id: known });
      stores.connection.getState().setDaemons(await bridge.call('daemons.list', {}));
      onClose();
    } catch (reason) {
      setErrors({ '': textOf(reason) });
    }
  };
  const change = (name: string, value: string) => {
    setValues({ ...values, [name]: value });
    const { [name]: _, '': __, ...others } = errors;
    setErrors(others);
  };
  return (
    <Dialog title={id === undefined ? 'Add a daemon' : 'Edit a daemon'} onClose={onClose}>
      <form className="form" noValidate onSubmit={(event) => void submit(event)}>
        <Tabs<DaemonKind>
          label="How it is reached"
          value={kind}
          onChange={(next) => {
            setKind(next);
            setErrors({});
          }}
          options={DAEMON_KINDS}
        />
        {DAEMON_FIELDS[kind].map((field) => (
          <DaemonControl
            key={field.name}
            field={field}
            value={values[field.name] ?? ''}
            error={errors[field.name]}
            help={id !== undefined && field.name === 'token' ? 'Empty: the one that is known already.' : field.help}
            onChange={(value) => change(field.name, value)}
          />
        ))}
        {errors[''] !== undefined && (
          <p className="tone-bad" role="alert">
            {errors['']}
          </p>
        )}
        {id !== undefined && (
          <div>
            <Button look="danger" onClick={() => void forget(id)}>
              Forget this daemon
            </Button>
          </div>
        )}
        <DialogActions action={id === undefined ? 'Add' : 'Save'} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

interface ControlProps {
  readonly field: DaemonField;
  readonly value: string;
  readonly error: string | undefined;
  readonly help: string | undefined;
  onChange(value: string): void;
}

function DaemonControl({ field: { label, type = 'text', maxLength }, value, error, help, onChange }: ControlProps) {
  return (
    <>
      <Field label={label} error={error} {...(help !== undefined && { help })}>
        {(attributes) =>
          type === 'pem' ? (
            <textarea
              className="input mono"
              rows={3}
              spellCheck={false}
              value={value}
              maxLength={maxLength}
              onChange={(event) => onChange(event.target.value)}
              {...attributes}
            />
          ) : (
            <input
              className="input"
              type={type}
              spellCheck={false}
              autoComplete="off"
              value={value}
              maxLength={maxLength}
              onChange={(event) => onChange(event.target.value)}
              {...attributes}
            />
          )
        }
      </Field>
      {type === 'pem' && <PemFile onRead={onChange} />}
    </>
  );
}

/** Reads the certificates of a file. */
function PemFile({ onRead }: { onRead(text: string): void }) {
  const { bridge, actions } = useApp();
  const open = async () => {
    try {
      const file = await bridge.call('files.open', { kind: 'pem' });
      if (file !== null && 'text' in file) onRead(file.text);
    } catch (reason) {
      actions.say(textOf(reason));
    }
  };
  return (
    <div>
      <Button look="quiet" onClick={() => void open()}>
        Read it from a file…
      </Button>
    </div>
  );
}

function focusWrong(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
