import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vulkanDrivers } from '../../../src/trainer/compute/vulkan-drivers.ts';

describe('the Vulkan drivers of a machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vulkan-drivers-'));
  const nvidia = join(folder, 'data/vulkan/icd.d/nvidia_icd.json');
  const swiftshader = join(folder, 'vk_swiftshader_icd.json');
  const nothing = {
    HOME: folder,
    XDG_CONFIG_DIRS: join(folder, 'xdg'),
    XDG_DATA_DIRS: join(folder, 'share'),
    XDG_DATA_HOME: join(folder, 'home'),
  };

  beforeAll(() => {
    mkdirSync(join(folder, 'data/vulkan/icd.d'), { recursive: true });
    for (const file of [nvidia, swiftshader, join(folder, 'data/vulkan/icd.d/readme.txt')]) writeFileSync(file, '{}');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are the manifests in the folders that the loader looks through', () => {
    const before = vulkanDrivers(nothing);
    expect(vulkanDrivers({ ...nothing, XDG_DATA_DIRS: `${folder}/none:${join(folder, 'data')}` })).toEqual([
      ...before,
      nvidia,
    ]);
    expect(vulkanDrivers({ ...nothing, VK_ADD_DRIVER_FILES: swiftshader })).toEqual([swiftshader, ...before]);
  });

  it('are only those which the environment lists, when it lists any', () => {
    const env = { ...nothing, XDG_DATA_DIRS: join(folder, 'data') };
    expect(vulkanDrivers({ ...env, VK_ICD_FILENAMES: swiftshader })).toEqual([swiftshader]);
    expect(vulkanDrivers({ ...env, VK_DRIVER_FILES: '/nonexistent/driver.json' })).toEqual([]);
    expect(vulkanDrivers({ ...env, VK_DRIVER_FILES: join(folder, 'data/vulkan/icd.d') })).toEqual([nvidia]);
  });
});
