import { type ReactNode, useMemo } from 'react';
import { useApp } from '../stores/index.js';
import { ErrorBoundary } from '../ui/index.js';
import { createReport } from './report.js';

/** A part of the window whose failure is its own, and is noted. */
export function Guarded({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { bridge } = useApp();
  const report = useMemo(() => createReport(bridge), [bridge]);
  return (
    <ErrorBoundary title={title} onError={report}>
      {children}
    </ErrorBoundary>
  );
}
