import type { AnyStateMachine, AnyStateNode } from 'xstate';
import type { Chart, ChartEdge } from './chart.ts';

export interface MachineChartOptions {
  title: string;
  machine: AnyStateMachine;
  /** Labels for guards and events; a name without one is split into its words. */
  words?: Record<string, string>;
}

/** States and transitions of a flat machine, read from the machine itself, without those that have no target. */
export function machineChart({ title, machine, words = {} }: MachineChartOptions): Chart {
  const states = Object.values(machine.states) as AnyStateNode[];
  const edges = states.flatMap((state) => edgesOf(state, words));
  return {
    title,
    initial: String(machine.root.initial.target[0]?.key ?? states[0]!.key),
    nodes: states.map(({ key, type }) => ({ name: key, kind: type === 'final' ? 'final' : 'state', detail: '' })),
    edges: edges.filter((edge, i) => edges.findIndex((other) => same(edge, other)) === i),
  };
}

function edgesOf(state: AnyStateNode, words: Record<string, string>): ChartEdge[] {
  const onEvents = [...state.transitions.values()].flat();
  const eventless = state.always ?? [];
  return [...eventless, ...onEvents].flatMap((transition) =>
    (transition.target ?? []).map((target) => {
      const guard = typeof transition.guard === 'string' ? transition.guard : '';
      const name = transition.eventType === '' ? guard : transition.eventType;
      return { from: state.key, to: target.key, label: words[name] ?? spaced(name) };
    }),
  );
}

function same(a: ChartEdge, b: ChartEdge): boolean {
  return a.from === b.from && a.to === b.to && a.label === b.label;
}

/** `isBudgetSpent` → "budget spent", `run.failed` → "run failed". */
function spaced(name: string): string {
  return name
    .replace(/^is(?=[A-Z])/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace('.', ' ')
    .toLowerCase();
}
