/* Every kernel, in the order of its number (src/device/kernel-names.ts holds the same list). */
#define KERNEL_LIST(X)                                                                                                \
  X(pack_filter) X(convolve) X(filter_gradient) X(add_parts) X(matmul) X(winograd_filter) X(winograd_convolve)        \
  X(winograd_filter_gradient) X(max_pool) X(max_pool_gradient) X(max_pool_gradient_2x2) X(average_pool)               \
  X(average_pool_gradient) X(resize) X(resize_gradient) X(unary) X(relu_gradient) X(binary) X(copy_block) X(fill)     \
  X(fail) X(reduce) X(softmax) X(cross_entropy) X(softmax_gradient) X(channel_sums) X(group_mean) X(normalize)        \
  X(normalize_gradient_sums) X(normalize_gradient) X(bias_gradient) X(sgd_update) X(adam_update)        \
  X(pack_filter_bf16) X(convolve_bf16) X(filter_gradient_bf16) X(matmul_bf16)
