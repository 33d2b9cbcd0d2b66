import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isSoftware } from '../../../src/trainer/compute/webgpu-backend.ts';
import { present } from '../../support/required.ts';
import type { WebGpuReport } from './webgpu-training.ts';

const { resolve } = createRequire(import.meta.url);
const isInstalled = (name: string) => {
  try {
    return Boolean(resolve(name));
  } catch {
    return false;
  }
};

/** Debian's chromium-common ships a Vulkan device in software. */
const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';
const here =
  existsSync(driver) &&
  isInstalled('@tensorflow/tfjs-backend-webgpu') &&
  isInstalled('webgpu') &&
  process.arch === 'x64';
const run = present(
  'webgpu',
  here,
  'npm install --no-save webgpu @tensorflow/tfjs-backend-webgpu; apt-get install chromium-common libvulkan1',
);

describe.runIf(run)('WebGPU on SwiftShader', () => {
  const program = fileURLToPath(new URL('./webgpu-training.ts', import.meta.url));
  const start = async (icd: string) => {
    const env = { ...process.env, VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd };
    return promisify(execFile)(process.execPath, ['--import', 'tsx', program], { env, timeout: 170_000 });
  };

  it('trains networks to the weights of plain JavaScript when asked for, and is never taken by itself', async () => {
    const { stdout } = await start(driver);
    const report = JSON.parse(stdout.trim().split('\n').at(-1)!) as WebGpuReport;
    expect(report.auto).toMatch(/the only adapter is software .*swiftshader/i);
    expect(report.asked).toMatch(/^webgpu: asked for; adapter .*swiftshader/i);
    expect(Object.keys(report.differences)).toHaveLength(8);
    for (const [name, difference] of Object.entries(report.differences)) expect(difference, name).toBeLessThan(1e-5);
  }, 180_000);

  it('is refused with the reason where there is no driver', async () => {
    await expect(start('/nonexistent/driver.json')).rejects.toThrow('"webgpu" cannot be used: no WebGPU adapter');
  }, 60_000);
});

describe('a WebGPU adapter', () => {
  it('is software or real', () => {
    expect(isSoftware({ info: { architecture: 'swiftshader' } })).toBe(true);
    expect(isSoftware({ info: { description: 'llvmpipe (LLVM 15)' } })).toBe(true);
    expect(isSoftware({ info: { vendor: 'nvidia', isFallbackAdapter: true } })).toBe(true);
    expect(isSoftware({ info: { vendor: 'nvidia', architecture: 'hopper' } })).toBe(false);
  });
});
