import type { TextOptions } from '../tables/text-table.ts';
import type { ComponentTree } from './component-tree.ts';

const names = { default: 'default', config: 'config', module: 'your module' } as const;

/** The tree with one line per action: what carries it out, where that comes from, and what it relies on. */
export function componentTreeText(
  { components, warnings }: ComponentTree,
  { colors }: Pick<TextOptions, 'colors'>,
): string {
  const parts = components.flatMap(({ modules }) => modules.flatMap((each) => each.parts));
  const width = Math.max(...parts.map(({ action }) => action.length));
  const lines = components.flatMap(({ component, modules }) => [
    colors.bold(component),
    ...modules.flatMap((each, index) => {
      const last = index === modules.length - 1;
      return [
        `${last ? '└' : '├'}─ ${each.module}`,
        ...each.parts.map(({ action, is, from, needs }, at) => {
          const branch = at === each.parts.length - 1 ? '└' : '├';
          const origin = from === 'default' ? colors.dim(names[from]) : colors.cyan(names[from]);
          const relies = needs.length === 0 ? '' : colors.dim(`  relies on ${needs.join(', ')}`);
          return `${last ? ' ' : '│'}  ${branch}─ ${action.padEnd(width)}  ${is}  [${origin}]${relies}`;
        }),
      ];
    }),
  ]);
  return [...lines, ...warnings.map((warning) => `Note: ${warning}`)].join('\n');
}
