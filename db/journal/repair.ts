/** Exports for `src/engine/repair`, which rebuilds a damaged or lost store. */
export { runFolders } from '../run-folders.ts';
export { readStudyEvent } from '../study-event.ts';
export { metrics } from '../tables/codecs.ts';
export { rowWords } from './damage.ts';
export { type Journal, journalPath, type Rows, readJournal, type SealedRow } from './format.ts';
export { addRow, type Gathered, gather } from './gather.ts';
export { linesOf } from './lines-of.ts';
export { missingIn, rebuildStore } from './rebuild.ts';
export { type Salvaged, salvage } from './salvage.ts';
