import {
  defineMetric,
  type MetricDeclaration,
  type MetricDefinition,
  type MetricDefinitions,
} from '../domain/metric/definition.ts';
import type { DecisionConfig, MetricItem } from './sections/decision.ts';

interface Named {
  metrics: readonly MetricItem[];
}

/** Names of the metrics in order of priority, the primary one first. */
export function metricNames({ metrics }: Named): string[] {
  return metrics.map(nameOf);
}

/** The study's own declaration of a metric; empty if the study only names it. */
export function declarationOf({ metrics }: Named, name: string): MetricDeclaration {
  const item = metrics.find((one) => nameOf(one) === name);
  return item === undefined || typeof item === 'string' ? {} : item;
}

/** The decision metrics whose meaning the study knows; a trainer may declare the others when it starts. */
export function configuredMetrics(decision: Named): MetricDefinitions {
  const known = metricNames(decision).flatMap((name): [string, MetricDefinition][] => {
    const definition = defineMetric(name, declarationOf(decision, name));
    return definition === null ? [] : [[name, definition]];
  });
  return Object.fromEntries(known);
}

/** A rule's default tolerance or margin for a fraction; 0 for any other metric, for which the study must give one. */
export function defaultAllowance(rule: DecisionConfig['rule'], decision: Named): number {
  const [primary = ''] = metricNames(decision);
  if (!defineMetric(primary, declarationOf(decision, primary))?.fraction) return 0;
  return rule === 'thesis' ? 0.002 : 0.01;
}

/** Names a value of a given baseline that its metric cannot have; null if there is none. */
export function outsideBounds(decision: Named, metrics: Readonly<Record<string, number>>): string | null {
  const definitions = configuredMetrics(decision);
  for (const name of metricNames(decision)) {
    const [value, definition] = [metrics[name], definitions[name]];
    if (value === undefined || definition === undefined) continue;
    const [low, high] = definition.bounds;
    if ((low === null || value >= low) && (high === null || value <= high)) continue;
    const range = `${low ?? 'any'} to ${high ?? 'any'}`;
    return `${name} is ${value}; give ${definition.fraction ? `a fraction from ${range} (0.85 for 85 %)` : `a value from ${range}`}`;
  }
  return null;
}

function nameOf(item: MetricItem): string {
  return typeof item === 'string' ? item : item.name;
}
