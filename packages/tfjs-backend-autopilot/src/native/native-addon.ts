import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelNames } from '../device/kernel-names.ts';

/** The exports of native/addon.c. */
export interface NativeAddon {
  open(
    isa: string,
    threads: number,
    spin: number,
  ): { handle: object; isa: string; lanes: number; threads: number; args: ArrayBuffer } | null;
  run(handle: object, kernel: number, items: number): number;
  reserve(bytes: number): { address: number; buffer: ArrayBuffer };
  close(handle: object): void;
  kernelNames(): string[];
}

const require = createRequire(import.meta.url);

/** The package's folder: the nearest one above that contains `c/kernel-list.h`, or the installed package. */
function packageFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (let up = 0; up < 8; up++, folder = path.dirname(folder)) {
    const inside = path.join(folder, 'packages/tfjs-backend-autopilot');
    for (const candidate of [folder, inside]) if (existsSync(path.join(candidate, 'c/kernel-list.h'))) return candidate;
  }
  return path.dirname(require.resolve('tfjs-backend-autopilot/package.json'));
}

/** Where the addon may be: built on this machine, or shipped with the package. */
export function addonPaths(): string[] {
  const folder = packageFolder();
  const shipped = `prebuilt/${process.platform}-${process.arch}/autopilot.node`;
  return ['build/autopilot.node', shipped].map((file) => path.join(folder, file));
}

/** Loads the addon; the error says what was tried and why it failed. */
export function loadAddon(): NativeAddon {
  const tried: string[] = [];
  for (const file of addonPaths()) {
    if (!existsSync(file)) {
      tried.push(`${path.basename(path.dirname(file))}: not found`);
      continue;
    }
    try {
      const addon = require(file) as NativeAddon;
      if (addon.kernelNames().join() === kernelNames.join()) return addon;
      tried.push(`${file}: built from another version of the kernels`);
    } catch (error) {
      tried.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`autopilot back end: no native addon for ${process.platform}-${process.arch} (${tried.join('; ')})`);
}
