import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge, Update } from '../shared/contract.js';
import { CALL, type Reply, UPDATE } from '../shared/wire.js';

/** The whole bridge: calls go through one name, updates come through another, and the page gets no hand on ipcRenderer itself. */
const bridge = {
  call: async (channel: string, input: unknown): Promise<unknown> => {
    const reply: Reply = await ipcRenderer.invoke(CALL, channel, input);
    if (reply.ok) return reply.value;
    throw new Error(reply.message);
  },
  on: (listener: (update: Update) => void): (() => void) => {
    const receive = (_: unknown, update: Update): void => listener(update);
    ipcRenderer.on(UPDATE, receive);
    return () => {
      ipcRenderer.off(UPDATE, receive);
    };
  },
};

contextBridge.exposeInMainWorld('lb', bridge as Bridge);
