import './no-eval.js';
import './app.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.js';
import { createStores } from './stores/index.js';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App bridge={window.lb} stores={createStores()} />
  </StrictMode>,
);
