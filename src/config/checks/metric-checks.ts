import { declarationLine } from '../../domain/metric/definition.ts';
import { configuredMetrics, metricNames } from '../decision-metrics.ts';
import type { ConfigProblem } from '../problem.ts';
import type { ResolvedStudyConfig } from '../resolve.ts';
import type { StudyConfig } from '../study-config.ts';

/** Finds unknown metrics, a margin above 1 for a fraction, and a missing margin where the metric has no default. */
export function metricChecks({ decision, trainer }: ResolvedStudyConfig, given: StudyConfig): ConfigProblem[] {
  const known = configuredMetrics(decision);
  const names = metricNames(decision);
  const unknown = names.filter((name) => !Object.hasOwn(known, name));
  // A command may declare them when it starts; the trainers of this package cannot.
  const strangers = trainer.kind === 'command' ? [] : unknown;
  const problems: ConfigProblem[] = strangers.map((name) => ({
    path: ['decision', 'metrics', names.indexOf(name)],
    message: `decision.metrics names "${name}", but it is not known which of its values are better; write: ${declarationLine(name)} (direction: lower if lower is better)`,
  }));
  const field = decision.rule === 'thesis' ? 'tolerance' : 'margin';
  const allowed = decision.rule === 'thesis' ? decision.tolerance : decision.margin;
  const written = given.decision.rule === 'thesis' ? given.decision.tolerance : given.decision.margin;
  const [primary = ''] = names;
  const definition = known[primary];
  const path = ['decision', field];
  if (definition?.fraction) {
    if (allowed <= 1) return problems;
    const message = `decision.${field} is ${allowed}; give a fraction from 0 to 1 (0.01 for one point of ${primary})`;
    return [...problems, { path, message }];
  }
  if (written !== undefined) return problems;
  const unit = definition?.unit ?? `the unit of ${primary}`;
  const example = definition?.unit === 'mm' ? '0.5' : '0.02';
  const why = definition === undefined ? 'is not known to be a fraction' : 'is not a fraction';
  return [
    ...problems,
    {
      path,
      message: `decision.${field} is missing, and ${primary} ${why}, so it has no default; write the largest loss that does not matter, in ${unit}, such as "${field}: ${example}"`,
    },
  ];
}
