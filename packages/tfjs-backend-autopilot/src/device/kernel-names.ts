/** The kernels of c/, in the order of c/kernel-list.h: a kernel's number is its index. */
export const kernelNames = [
  'pack_filter',
  'convolve',
  'filter_gradient',
  'add_parts',
  'matmul',
  'winograd_filter',
  'winograd_convolve',
  'winograd_filter_gradient',
  'max_pool',
  'max_pool_gradient',
  'max_pool_gradient_2x2',
  'average_pool',
  'average_pool_gradient',
  'resize',
  'resize_gradient',
  'unary',
  'relu_gradient',
  'binary',
  'copy_block',
  'fill',
  'fail',
  'reduce',
  'softmax',
  'cross_entropy',
  'softmax_gradient',
  'channel_sums',
  'group_mean',
  'normalize',
  'normalize_gradient_sums',
  'normalize_gradient',
  'bias_gradient',
  'sgd_update',
  'adam_update',
  'pack_filter_bf16',
  'convolve_bf16',
  'filter_gradient_bf16',
  'matmul_bf16',
] as const;

export type KernelName = (typeof kernelNames)[number];

/** Kernel numbers by name. */
export const kernelNumbers = Object.fromEntries(kernelNames.map((name, number) => [name, number])) as Record<
  KernelName,
  number
>;
