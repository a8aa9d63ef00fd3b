import { type SankeyLink, type SankeyNode, sankey, sankeyJustify, sankeyLinkHorizontal } from 'd3-sankey';
import type { Party, PartyMove } from './moves.js';

interface NodeData {
  readonly id: string;
  readonly side: 'from' | 'to';
  readonly party: Party;
}
type Link = { readonly source: string; readonly target: string; readonly value: number };

/** A party as a bar, left or right. All in pixels of the picture. */
export interface Bar {
  readonly id: string;
  readonly side: 'from' | 'to';
  readonly party: Party;
  readonly buckets: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Buckets that move, as a band between two bars. */
export interface Band {
  readonly id: string;
  readonly from: Party;
  readonly to: Party;
  readonly buckets: number;
  /** Middle line, for the `d` of a path. */
  readonly path: string;
  readonly width: number;
}

export interface Diagram {
  readonly bars: readonly Bar[];
  readonly bands: readonly Band[];
}

const BAR_WIDTH = 8;
/** Room for a line of text beside the thinnest bar. */
const GAP = 11;
const MARGIN = 6;

/** Lays out moves, most buckets first, between two columns of bars in a box of so many pixels. */
export function layoutMoves(moves: readonly PartyMove[], width: number, height: number): Diagram {
  if (moves.length === 0) return { bars: [], bands: [] };
  const nodes = [...nodesOf(moves, 'from'), ...nodesOf(moves, 'to')];
  const links = moves.map(({ from, to, buckets }) => ({
    source: id('from', from),
    target: id('to', to),
    value: buckets,
  }));
  const layout = sankey<NodeData, Link>()
    .nodeId((node) => node.id)
    .nodeAlign(sankeyJustify)
    .nodeWidth(BAR_WIDTH)
    .nodePadding(GAP)
    .nodeSort(null)
    .extent([
      [0, MARGIN],
      [width, Math.max(2 * MARGIN, height - MARGIN)],
    ]);
  const graph = layout({ nodes, links });
  const line = sankeyLinkHorizontal<NodeData, Link>();
  return {
    bars: graph.nodes.map(barOf),
    bands: graph.links.map((link, i) => bandOf(link, moves[i]!, line(link) ?? '')),
  };
}

function nodesOf(moves: readonly PartyMove[], side: 'from' | 'to'): NodeData[] {
  const parties = new Map(moves.map((move) => [id(side, move[side]), move[side]]));
  const nodes = [...parties].map(([key, party]) => ({ id: key, side, party }));
  // Who is named stands first, the others below.
  return nodes.sort((a, b) => Number(a.party.kind === 'others') - Number(b.party.kind === 'others'));
}

function id(side: 'from' | 'to', { kind, name }: Party): string {
  return `${side} ${kind} ${name}`;
}

function barOf(node: SankeyNode<NodeData, Link>): Bar {
  const { x0 = 0, x1 = 0, y0 = 0, y1 = 0, value = 0 } = node;
  const place = { x: x0, y: y0, width: x1 - x0, height: Math.max(1, y1 - y0) };
  return { id: node.id, side: node.side, party: node.party, buckets: value, ...place };
}

function bandOf(link: SankeyLink<NodeData, Link>, { from, to, buckets }: PartyMove, path: string): Band {
  return { id: `${id('from', from)} > ${id('to', to)}`, from, to, buckets, path, width: Math.max(1, link.width ?? 1) };
}
