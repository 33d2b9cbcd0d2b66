export { AutopilotBackend, type BackendOptions } from './autopilot-backend.ts';
export type { Device } from './device/device.ts';
export { type EmbeddedOptions, openEmbeddedDevice } from './embedded/embedded-device.ts';
export { addonPaths } from './native/native-addon.ts';
export { type NativeOptions, openNativeDevice } from './native/native-device.ts';
export { kernels, type RegisterOptions, registerBackend, registerEmbedded, registerNative } from './register.ts';
export { selfTest } from './self-test.ts';
