import './no-eval.js';
import './app.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.js';
import { createReport, reportUncaught } from './app/report.js';
import { createStores } from './stores/index.js';
import { ErrorBoundary } from './ui/index.js';

const report = createReport(window.lb);
reportUncaught(window, report);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ErrorBoundary title="The app" onError={report}>
      <App bridge={window.lb} stores={createStores()} />
    </ErrorBoundary>
  </StrictMode>,
);
