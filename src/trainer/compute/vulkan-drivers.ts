import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * The manifests of the Vulkan drivers that a loader on Linux would find, in its search order (Khronos, "Vulkan Loader
 * Interface", driver discovery on Linux). Looking for them first spares users without a driver the warnings that the
 * loader's native code writes to standard error.
 */
export function vulkanDrivers(env: NodeJS.ProcessEnv = process.env): string[] {
  const listed = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  if (listed) return listed.split(delimiter).flatMap(manifests);
  const home = env.HOME ?? homedir();
  const folders = [
    env.XDG_CONFIG_HOME ?? join(home, '.config'),
    ...(env.XDG_CONFIG_DIRS ?? '/etc/xdg').split(delimiter),
    '/usr/local/etc',
    '/etc',
    env.XDG_DATA_HOME ?? join(home, '.local/share'),
    ...(env.XDG_DATA_DIRS ?? '/usr/local/share:/usr/share').split(delimiter),
  ];
  const added = (env.VK_ADD_DRIVER_FILES ?? '').split(delimiter).filter(Boolean);
  return [...added, ...folders.map((folder) => join(folder, 'vulkan/icd.d'))].flatMap(manifests);
}

/** A manifest, or all those in a folder; empty if there is neither. */
function manifests(path: string): string[] {
  if (path.endsWith('.json')) return existsSync(path) ? [path] : [];
  try {
    return readdirSync(path).flatMap((name) => (name.endsWith('.json') ? [join(path, name)] : []));
  } catch {
    return [];
  }
}
