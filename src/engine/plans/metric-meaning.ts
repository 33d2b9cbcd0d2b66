import type { MetricDefinitions } from '../../domain/metric/definition.ts';
import type { Metrics } from '../../domain/metric/metrics.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import type { MetricScale, UnderstoodMetrics } from '../attempt/understand-metrics.ts';

/** The meaning of a study's metrics, as settled by its events. */
export interface StudyMetrics {
  /** Stores what is known before the first result. Throws if earlier results were judged in the wrong direction. */
  begin(): void;
  /** Takes the trainer's declarations at its start; returns why its numbers cannot be used, or null. */
  declare(event: Extract<TrainerEvent, { type: 'started' }>): string | null;
  definitions(): MetricDefinitions;
  understand(reported: Metrics, trivial?: Metrics | null): UnderstoodMetrics;
  /** Like `understand`, but stores a settled scale at once, so that runs ending together cannot settle two scales. */
  understandFrom(key: string, reported: Metrics, trivial?: Metrics | null): UnderstoodMetrics;
  /** Converts metrics that decide nothing, such as a class's, to fractions, as far as the study's scale is settled. */
  inFractions(metrics: Metrics): Metrics;
  settle(scale: MetricScale, by: string): void;
}
