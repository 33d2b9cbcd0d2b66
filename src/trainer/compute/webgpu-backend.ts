import { createRequire } from 'node:module';
import { messageOf } from '../../domain/errors.ts';
import type { BackendCandidate, Probe } from './backend-candidate.ts';
import { isRegistered, useRegistered } from './registered-backend.ts';
import { vulkanDrivers } from './vulkan-drivers.ts';

const require = createRequire(import.meta.url);
const packages = ['webgpu', '@tensorflow/tfjs-backend-webgpu'] as const;
const noAdapter = 'no WebGPU adapter: no Vulkan, Metal or Direct3D device';

/** The WebGPU types that a probe needs; Node's type library has none. */
interface Adapter {
  info?: { vendor?: string; architecture?: string; description?: string; isFallbackAdapter?: boolean };
  isFallbackAdapter?: boolean;
}

interface WebGpu {
  create(flags: string[]): { requestAdapter(options?: object): Promise<Adapter | null> };
  globals: Record<string, unknown>;
}

/**
 * WebGPU through Dawn: GPUs of any vendor, without CUDA. `auto` takes it only on a real adapter; when chosen by name,
 * it also runs on a software adapter such as SwiftShader, which is correct but slow.
 */
export const webgpuBackend: BackendCandidate = {
  name: 'webgpu',
  async probe({ backend }): Promise<Probe> {
    for (const name of packages)
      if (!isInstalled(name)) return { state: 'rejected', reason: `${name} is not installed` };
    if (process.platform === 'linux' && vulkanDrivers().length === 0) return { state: 'rejected', reason: noAdapter };
    try {
      const adapter = await (await installWebGpu()).requestAdapter({ powerPreference: 'high-performance' });
      if (!adapter) return { state: 'rejected', reason: noAdapter };
      const name = adapterName(adapter);
      if (isSoftware(adapter) && backend !== 'webgpu')
        return { state: 'rejected', reason: `the only adapter is software (${name}); ask for "webgpu" to use it` };
      await import(packages[1] as string);
      if (!isRegistered('webgpu'))
        return { state: 'rejected', reason: `${packages[1]} brought its own copy of @tensorflow/tfjs-core` };
      return { state: 'usable', detail: `adapter ${name}` };
    } catch (error) {
      return { state: 'rejected', reason: `WebGPU does not start: ${messageOf(error)}` };
    }
  },
  async open() {
    await useRegistered('webgpu');
  },
};

/** Whether an adapter computes on the CPU. */
export function isSoftware({ info, isFallbackAdapter }: Adapter): boolean {
  const name = `${info?.architecture ?? ''} ${info?.description ?? ''}`.toLowerCase();
  return Boolean(isFallbackAdapter || info?.isFallbackAdapter) || /swiftshader|llvmpipe|lavapipe/.test(name);
}

function adapterName({ info }: Adapter): string {
  return [info?.vendor, info?.architecture, info?.description].filter(Boolean).join(' ') || 'without a name';
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Installs `navigator.gpu`, once. */
async function installWebGpu() {
  const scope = globalThis as unknown as { navigator?: { gpu?: ReturnType<WebGpu['create']> } };
  if (scope.navigator?.gpu) return scope.navigator.gpu;
  const dawn = (await import(packages[0] as string)) as WebGpu;
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  if (scope.navigator) Object.defineProperty(scope.navigator, 'gpu', { value: gpu, configurable: true });
  else Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  return gpu;
}
