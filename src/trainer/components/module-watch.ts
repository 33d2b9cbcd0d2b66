/** Told which of the study's modules runs next, so that one that never returns can be named. */
export interface ModuleWatch {
  /** About to import the module at this place: `components.loss (/path/my-loss.mjs)`. */
  importing(where: string): void;
  /** All modules are imported. */
  imported(): void;
  /** About to call this method of the module for the first time. */
  calling(where: string, method: string): void;
}

export const nobodyWatches: ModuleWatch = { importing() {}, imported() {}, calling() {} };
