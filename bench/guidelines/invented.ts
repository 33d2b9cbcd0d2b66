import { uniformFrom } from '../decision-rules/noise.ts';
import { inventedTable } from './invented-table.ts';
import { chosen, guidelinePlayers } from './play.ts';
import type { PlayedStudy, StudyTerms } from './played-study.ts';
import { randomSearch } from './proposals-policy.ts';
import { shareOf } from './summary.ts';
import type { Table } from './table.ts';

export interface InventedOptions {
  /** Number of tasks, each played once by each policy. */
  studies: number;
  policies?: readonly string[] | undefined;
  terms: StudyTerms;
}

/** Lets guidelines and random search play invented tasks, with one part of the data and with two; prints results. */
export async function playInvented({ studies, policies, terms }: InventedOptions): Promise<void> {
  const players = chosen([...guidelinePlayers(), { name: 'random', policy: randomSearch }], policies);
  for (const apart of [false, true]) {
    console.log(apart ? 'chosen on one part, confirmed on another' : 'one part');
    for (const { name, policy } of players) {
      const played: { study: PlayedStudy; table: Table }[] = [];
      for (let seed = 1; seed <= studies; seed++) {
        const uniform = uniformFrom(seed);
        const table = inventedTable(uniform, { apart });
        played.push({ study: await policy(table, terms, uniform), table });
      }
      console.log(`  ${name.padEnd(16)} ${summaryText(played)}`);
    }
  }
}

function summaryText(played: readonly { study: PlayedStudy; table: Table }[]): string {
  const answers = played.filter(({ study }) => study.outcome === 'noLoss');
  const { share, low, high } = shareOf(answers.length, played.length);
  const total = played.reduce((sum, { study }) => sum + study.cost, 0);
  const kept =
    answers.reduce((sum, { study, table }) => sum + (study.speedUp ?? 0) / table.workers, 0) / answers.length;
  const wrong = answers.filter(({ study }) => study.wrong).length;
  const exhausted = played.filter(({ study }) => study.outcome === 'exhausted').length;
  return (
    `noLoss ${share.toFixed(3)} (${low.toFixed(2)}-${high.toFixed(2)}), cost of an answer ${(total / answers.length).toFixed(1)}, ` +
    `share of the speed kept ${kept.toFixed(2)}, wrong ${wrong}, exhausted ${exhausted} of ${played.length}`
  );
}
