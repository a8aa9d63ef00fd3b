import { useEffect, useState } from 'react';
import { type Bridge, callApi, useApp, useConfig, useConnection } from '../stores/index.js';
import type { Question } from './asked.js';
import { type ExplainedFlow, explanationSchema } from './explanation.js';

export interface Answer {
  readonly explained: ExplainedFlow | null;
  readonly error: string | null;
}
const NOTHING: Answer = { explained: null, error: null };

/** What the selected daemon answers; asked again with every revision, which may have changed the answer. */
export function useExplanation(question: Question | null): Answer {
  const { bridge } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const revision = useConfig((state) => state.revision);
  const [answer, setAnswer] = useState(NOTHING);
  useEffect(() => {
    if (daemon === null || question === null) return setAnswer(NOTHING);
    let wanted = true;
    explain(bridge, daemon, question).then(
      (next) => wanted && setAnswer(next),
      (error: Error) => wanted && setAnswer({ explained: null, error: error.message }),
    );
    return () => {
      wanted = false;
    };
  }, [bridge, daemon, question, revision]);
  return answer;
}

async function explain(bridge: Bridge, daemon: string, question: Question): Promise<Answer> {
  const result =
    question.kind === 'flow'
      ? await callApi(bridge, daemon, 'explain', { query: { flow: question.flow } })
      : await callApi(bridge, daemon, 'explainPacket', { body: { packet: question.hex } });
  if (!result.ok) {
    return { explained: null, error: [result.error.message, result.error.hint].filter(Boolean).join(': ') };
  }
  const parsed = explanationSchema.safeParse(result.value);
  if (parsed.success) return { explained: parsed.data, error: null };
  return {
    explained: null,
    error: 'This daemon explains in a form that the app does not know: use the same version.',
  };
}
