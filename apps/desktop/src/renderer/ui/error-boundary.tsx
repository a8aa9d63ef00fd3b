import { Component, type ReactNode } from 'react';
import { Button } from './button.js';

interface Props {
  /** What it stands around, as `Flows`. */
  readonly title: string;
  /** Is told what went wrong, once. */
  readonly onError?: (details: string) => void;
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | undefined;
}

/** Stands around a part of the window: when that part fails, it alone is replaced, by what went wrong and what can be done. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, { componentStack }: { readonly componentStack?: string | null }): void {
    this.props.onError?.(`${detailsOf(this.props.title, error)}${componentStack ?? ''}`);
  }

  override render(): ReactNode {
    const { error } = this.state;
    const { title, children } = this.props;
    if (error === undefined) return children;
    return (
      <div className="empty" role="alert">
        <strong>{title} cannot be shown</strong>
        <div>{error.message}</div>
        <div>
          The rest of the app goes on, and nothing that is staged is lost. Try again first; loading the window anew
          loses what is staged. If it comes back, copy the details for a report.
        </div>
        <div className="empty-actions">
          <Button look="primary" onClick={() => this.setState({ error: undefined })}>
            Try again
          </Button>
          <Button onClick={() => void navigator.clipboard.writeText(detailsOf(title, error))}>Copy details</Button>
          <Button look="quiet" onClick={() => location.reload()}>
            Load the window anew
          </Button>
        </div>
      </div>
    );
  }
}

function detailsOf(title: string, error: unknown): string {
  return `${title}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
