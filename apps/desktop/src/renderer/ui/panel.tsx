import { type ReactNode, useId } from 'react';

export interface PanelProps {
  readonly title: string;
  /** On the right of the title. */
  readonly tools?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A bordered part of a view, with a heading that names it for screen readers as well. */
export function Panel({ title, tools, children, className = '' }: PanelProps) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {tools !== undefined && <div className="panel-tools">{tools}</div>}
      </header>
      {children}
    </section>
  );
}

/** A number with its name and unit. */
export function Figure({ label, value, unit, title }: { label: string; value: string; unit?: string; title?: string }) {
  return (
    <div className="figure" title={title}>
      <span className="figure-label">{label}</span>
      <span className="figure-value">
        {value} {unit !== undefined && <small>{unit}</small>}
      </span>
    </div>
  );
}
