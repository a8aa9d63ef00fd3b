import type { Command } from 'commander';
import type { Streams } from './streams.js';

/** Adds commands to the program. */
export type AddCommands = (program: Command, streams: Streams) => void;
