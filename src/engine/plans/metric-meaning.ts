import type { MetricDefinitions } from '../../domain/metric/definition.ts';
import type { Metrics } from '../../domain/metric/metrics.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import type { MetricScale, UnderstoodMetrics } from '../attempt/understand-metrics.ts';

/** What a study's metrics mean, as its events have settled it. */
export interface StudyMetrics {
  /** Stores what is known before the first number counts. Throws where earlier results were judged the wrong way round. */
  begin(): void;
  /** Takes what the trainer declares when it starts; returns why its numbers cannot be used, or null. */
  declare(event: Extract<TrainerEvent, { type: 'started' }>): string | null;
  definitions(): MetricDefinitions;
  understand(reported: Metrics, trivial?: Metrics | null): UnderstoodMetrics;
  /** The same, and what it settles is stored at once: runs that end at the same time cannot settle two scales. */
  understandFrom(key: string, reported: Metrics, trivial?: Metrics | null): UnderstoodMetrics;
  /** What decides nothing, such as a class's metrics, on the study's scale as far as it is settled. */
  inFractions(metrics: Metrics): Metrics;
  settle(scale: MetricScale, by: string): void;
}
