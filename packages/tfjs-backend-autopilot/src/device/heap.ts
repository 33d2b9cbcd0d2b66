/** Memory handed out by a heap; `view` has exactly the floats asked for. */
export interface Block {
  /** Address in the kernels' address space. */
  readonly address: number;
  /** Bytes of the size class. */
  readonly bytes: number;
  view: Float32Array;
}

/** Fresh memory: `bytes` at `address`, visible to JavaScript as `buffer` from `offset` on. */
export interface Extent {
  address: number;
  buffer: ArrayBufferLike;
  offset: number;
}

/**
 * Free lists by size class over memory that only grows: eight classes per power of two, so at most 12.5 % is lost to rounding and a
 * training loop reaches a steady state after its first step.
 */
export class Heap {
  readonly #reserve: (bytes: number) => Extent;
  readonly #free = new Map<number, (Block & { extent: Extent })[]>();
  readonly #blocks = new WeakMap<Float32Array, Block & { extent: Extent }>();
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  /** Bytes reserved so far, and bytes in use. */
  reserved = 0;
  used = 0;

  constructor(reserve: (bytes: number) => Extent) {
    this.#reserve = reserve;
  }

  /** Memory for `floats` floats, uninitialised. */
  allocate(floats: number): Block {
    const bytes = sizeClass(floats * 4);
    this.used += bytes;
    const block = this.#free.get(bytes)?.pop() ?? this.#grow(bytes, floats);
    if (block.view.length !== floats) {
      block.view = new Float32Array(block.extent.buffer, block.extent.offset, floats);
      this.#blocks.set(block.view, block);
    }
    return block;
  }

  /** The block behind a view made by `allocate`, or undefined. */
  blockOf(view: Float32Array): Block | undefined {
    return this.#blocks.get(view);
  }

  /** Whether a buffer is memory of this heap. */
  contains(buffer: ArrayBufferLike): boolean {
    return this.#buffers.has(buffer);
  }

  release(block: Block): void {
    this.used -= block.bytes;
    const free = this.#free.get(block.bytes);
    if (free) free.push(block as Block & { extent: Extent });
    else this.#free.set(block.bytes, [block as Block & { extent: Extent }]);
  }

  #grow(bytes: number, floats: number): Block & { extent: Extent } {
    const extent = this.#reserve(bytes);
    this.reserved += bytes;
    this.#buffers.add(extent.buffer);
    const view = new Float32Array(extent.buffer, extent.offset, floats);
    const block = { address: extent.address, bytes, extent, view };
    this.#blocks.set(view, block);
    return block;
  }
}

function sizeClass(bytes: number): number {
  if (bytes <= 64) return 64;
  const step = Math.max(64, 2 ** (31 - Math.clz32(bytes - 1) - 3));
  return bytes < 2 ** 31 ? Math.ceil(bytes / step) * step : Math.ceil(bytes / 2 ** 28) * 2 ** 28;
}
