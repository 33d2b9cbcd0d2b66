export { AutopilotBackend, type BackendOptions } from './autopilot-backend.ts';
export type { Device } from './device/device.ts';
export { type EmbeddedOptions, openEmbeddedDevice } from './embedded/embedded-device.ts';
export { kernels, type RegisterOptions, registerBackend, registerEmbedded } from './register.ts';
