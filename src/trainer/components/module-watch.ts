/** Told which module of the study is turned to, so that one that never comes back can be named. */
export interface ModuleWatch {
  /** About to import the module at this place: `components.loss (/path/my-loss.mjs)`. */
  importing(where: string): void;
  /** All modules are imported. */
  imported(): void;
  /** About to call its method for the first time. */
  calling(where: string, method: string): void;
}

export const nobodyWatches: ModuleWatch = { importing() {}, imported() {}, calling() {} };
