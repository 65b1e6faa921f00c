// The state table as a Graphviz drawing; docs/host-agent.dot must equal it (a test compares, and writes it with UPDATE_GRAPH=1).

import { isWorking, type StateName, transitions } from './state.ts';

/** Working states are ellipses, resting states boxes; edges carry the event and, behind a slash, the actions. */
export function stateGraph(): string {
  const lines = ['digraph "slipway host agent" {', '  rankdir=LR;', '  node [fontname="sans-serif"];'];
  for (const state of Object.keys(transitions) as StateName[]) {
    lines.push(`  "${state}" [shape=${isWorking(state) ? 'ellipse' : 'box'}];`);
  }
  for (const [state, row] of Object.entries(transitions)) {
    for (const [event, transition] of Object.entries(row)) {
      const label = transition.actions.length === 0 ? event : `${event} / ${transition.actions.join(', ')}`;
      lines.push(`  "${state}" -> "${transition.state}" [label="${label}"];`);
    }
  }
  return `${lines.join('\n')}\n}\n`;
}
