import type { NamedWeight, ZooModel } from './zoo-model.ts';

/** The model's `README.md`: what it is, what it was measured to do, what it needs. */
export function modelCard(model: Omit<ZooModel, 'weights' | 'format'>, weights: readonly NamedWeight[]): string {
  const { name, description, licence, architecture, input, preprocessing, metrics, study } = model;
  const parameters = weights.reduce((sum, { values }) => sum + values.length, 0);
  const lines = [
    `# ${name}`,
    '',
    description,
    '',
    `- Licence: ${licence}`,
    `- Architecture: ${architecture?.architecture ?? 'imported weights'}, ${parameters.toLocaleString('en')} parameters`,
  ];
  if (input !== null) {
    lines.push(`- Input: ${input.height} × ${input.width}, channels ${input.channels.join(', ')}`);
    lines.push(`- Classes: ${input.classes.map((label, index) => `${index} ${label}`).join(', ')}`);
  }
  lines.push(
    `- Preprocessing: ${preprocessing === null ? 'not known; `predict` cannot be used' : 'in model.json, repeated by `predict`'}`,
  );
  if (study !== null) {
    lines.push(
      '',
      '## Measured',
      '',
      `On the test split of "${study.data}", run ${study.run} of study ${study.id}:`,
      '',
    );
    lines.push('| metric | value |', '|---|---|');
    for (const [metric, value] of Object.entries(metrics)) lines.push(`| ${metric} | ${value.toFixed(4)} |`);
  }
  lines.push('', 'Not a medical device: measured on the data named here and on nothing else.', '');
  return lines.join('\n');
}
