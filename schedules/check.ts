/** What every policy has: k workers, E epochs and η, the rate of one worker. */
export interface CommonFields {
  policy: string;
  workers: number;
  epochs: number;
  initialLr: number;
}

/** Throws unless workers and epochs are whole numbers from 1 and the initial rate is positive and finite. */
export function checkCommon({ policy, workers, epochs, initialLr }: CommonFields): void {
  checkWhole(policy, 'workers', workers);
  checkWhole(policy, 'epochs', epochs);
  checkPositive(policy, 'initialLr', initialLr);
}

export function checkPositive(policy: string, field: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) fail(policy, field, value, 'give a finite number above 0');
}

export function checkNotNegative(policy: string, field: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value))) fail(policy, field, value, 'give a finite number, 0 or above');
}

function checkWhole(policy: string, field: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 1)) fail(policy, field, value, 'give a whole number from 1');
}

/** A phase of `value` epochs must fit into the training's `epochs`. */
export function checkFits(policy: string, field: string, value: number, epochs: number): void {
  checkNotNegative(policy, field, value);
  if (value > epochs) fail(policy, field, value, `give at most ${epochs}, the epochs of the training`);
}

/** Milestones must rise strictly and lie within the training; the factor must not raise the rate. */
export function checkSteps(policy: string, milestones: readonly number[], factor: number, epochs: number): void {
  let previous = 0;
  for (const milestone of milestones) {
    if (!(milestone > previous && milestone <= epochs)) {
      fail(policy, 'milestones', milestones.join(', '), `give rising epochs above 0 and up to ${epochs}`);
    }
    previous = milestone;
  }
  if (!(factor > 0 && factor <= 1)) fail(policy, 'factor', factor, 'give a number above 0 and up to 1');
}

/** The highest and lowest rate a schedule can reach must be numbers a trainer can use. */
export function checkRate(policy: string, field: string, value: number, rate: number): void {
  if (rate === 0) fail(policy, field, value, 'it makes the rate 0 within floating point; give a smaller one');
  if (!Number.isFinite(rate)) fail(policy, field, value, 'it makes the rate infinite; give a smaller one');
}

/** Throws an error that names the field, its value and the fix. */
export function fail(policy: string, field: string, value: number | string, fix: string): never {
  throw new RangeError(`schedule ${policy}: ${field} is ${value}; ${fix}.`);
}
