import type { Block, ReportDocument } from '../document/document.ts';
import { valueWords } from './plain-words.ts';

// Replaces config names in a report's sentences, stored ones included: its reader has not seen the config.

/** Metrics whose names are identifiers, as words. */
const metricNames: Record<string, string> = {
  balancedAccuracy: 'balanced accuracy',
  frequencyWeightedIoU: 'frequency-weighted IoU',
  iou: 'IoU',
  macroF1: 'macro F1',
  meanAccuracy: 'mean accuracy',
  meanDice: 'mean dice',
  meanIoU: 'mean IoU',
  pixelAccuracy: 'pixel accuracy',
};
/** Matches no part of a longer name such as `val_iou`, `iou-2.json` or `decision.iou`. */
const metricPattern = new RegExp(`(?<![\\w./-])(${Object.keys(metricNames).join('|')})(?![\\w-]|\\.\\w)`, 'g');

const optimizerPattern = /\boptimizer:?(?:,? (?:→|(?:asked|measured|sgd|momentum|adam|lars|custom)(?![\w-])))+/g;
const optimizerNames = /\b(?:sgd|momentum|adam|lars|custom)\b/g;

const epochsPattern = /\b(warmup|decay) (?:(\d[\d.]*) → )?(\d+(?:\.\d+)?)(?![\d.]*\d| epoch| →)/g;

/** `mean IoU`, `warmup 5 epochs`, `optimizer SGD` for `meanIoU`, `warmup 5`, `optimizer sgd`. */
export function inWords(text: string): string {
  return text
    .replace(metricPattern, (name) => metricNames[name] ?? name)
    .replace(optimizerPattern, (phrase) => phrase.replace(optimizerNames, valueWords))
    .replace(epochsPattern, (_, phase: string, from: string | undefined, to: string) => {
      const unit = to === '1' ? 'epoch' : 'epochs';
      return `${phase} ${from === undefined ? '' : `${from} → `}${to} ${unit}`;
    });
}

/** A report in its reader's words; drawings, and code, which is copied verbatim, stay as they are. */
export function documentInWords({ title, sections }: ReportDocument): ReportDocument {
  return { title, sections: sections.map((section) => ({ ...section, blocks: section.blocks.map(blockInWords) })) };
}

function blockInWords(block: Block): Block {
  switch (block.type) {
    case 'paragraph':
      return { ...block, text: inWords(block.text) };
    case 'list':
      return { ...block, items: block.items.map(inWords) };
    case 'facts':
      return { ...block, facts: block.facts.map(([name, value]) => [inWords(name), inWords(value)]) };
    case 'table': {
      const columns = block.columns.map((column) => ({ ...column, title: inWords(column.title) }));
      const rows = block.rows.map((cells) => cells.map(inWords));
      return { ...block, columns, rows, ...(block.caption === undefined ? {} : { caption: inWords(block.caption) }) };
    }
    case 'figure':
      return { ...block, caption: inWords(block.caption) };
    case 'code':
      return block;
  }
}
