/** Memory allocated from a heap; `view` has exactly the requested number of floats. */
export interface Block {
  /** Address in the kernels' address space. */
  readonly address: number;
  /** Size of its size class in bytes. */
  readonly bytes: number;
  view: Float32Array;
}

/** Newly reserved memory at `address`, visible to JavaScript as `buffer` from `offset` on. */
export interface Extent {
  address: number;
  buffer: ArrayBufferLike;
  offset: number;
}

interface OwnBlock extends Block {
  extent: Extent;
  /** The arena it belongs to; undefined if it belongs to the heap itself. */
  arena: Arena | undefined;
  free: boolean;
  kept: boolean;
}

/**
 * A part of the heap that is set aside: allocations made while it is open come from it and return to it, so that
 * nothing else ever uses their memory. Once closed, it allocates nothing more.
 */
export class Arena {
  readonly blocks: OwnBlock[] = [];
  readonly free: FreeLists = new Map();
  open = true;

  get bytes(): number {
    return this.blocks.reduce((sum, block) => sum + block.bytes, 0);
  }
}

type FreeLists = Map<number, OwnBlock[]>;

/**
 * Free lists by size class over memory that only grows: eight classes per power of two, so at most 12.5 % is lost to
 * rounding, and a training loop reaches a steady state after its first step.
 */
export class Heap {
  readonly #reserve: (bytes: number) => Extent;
  readonly #free: FreeLists = new Map();
  readonly #blocks = new WeakMap<Float32Array, OwnBlock>();
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  #arena: Arena | undefined;
  /** Bytes reserved so far, and bytes in use or set aside. */
  reserved = 0;
  used = 0;

  constructor(reserve: (bytes: number) => Extent) {
    this.#reserve = reserve;
  }

  /** Uninitialised memory for `floats` floats. */
  allocate(floats: number): Block {
    const arena = this.#arena;
    const block = arena?.free.get(sizeClass(floats * 4))?.pop() ?? this.#take(floats, arena);
    return this.#inUse(block, floats);
  }

  /**
   * Memory that nothing else uses, before or after, while the open arena exists: a recording's inputs must not be where
   * one of its own kernels writes earlier.
   */
  allocateKept(floats: number): Block {
    const block = this.#inUse(this.#take(floats, this.#arena), floats);
    block.kept = true;
    return block;
  }

  /** Memory outside any arena, for data that outlives each single use, such as the threads' scratch. */
  allocateOutside(floats: number): Block {
    return this.#inUse(this.#take(floats, undefined), floats);
  }

  /** The block of a view made by `allocate`, or undefined. */
  blockOf(view: Float32Array): Block | undefined {
    return this.#blocks.get(view);
  }

  /** Whether a buffer belongs to this heap. */
  contains(buffer: ArrayBufferLike): boolean {
    return this.#buffers.has(buffer);
  }

  release(block: Block): void {
    const own = block as OwnBlock;
    own.free = true;
    if (own.arena === undefined) {
      this.used -= own.bytes;
      giveBack(this.#free, own);
    } else if (own.arena.open && !own.kept) giveBack(own.arena.free, own);
  }

  /** Runs `use` with all allocations from a new arena, which is closed afterwards, and dissolved if `use` throws. */
  withArena<T>(use: (arena: Arena) => T): T {
    if (this.#arena) throw new Error('autopilot back end: an arena is already open');
    const arena = new Arena();
    this.#arena = arena;
    const close = () => {
      this.#arena = undefined;
      arena.open = false;
    };
    try {
      const result = use(arena);
      close();
      return result;
    } catch (error) {
      close();
      this.dissolve(arena);
      throw error;
    }
  }

  /** Whether a block belongs to an arena. */
  isOf(block: Block, arena: Arena): boolean {
    return (block as OwnBlock).arena === arena;
  }

  /** Marks a block of a closed arena as in use again. */
  useAgain(block: Block): void {
    (block as OwnBlock).free = false;
  }

  /** Returns the blocks of a closed arena to the heap; those still in use follow when they are released. */
  dissolve(arena: Arena): void {
    for (const block of arena.blocks) {
      block.arena = undefined;
      if (!block.free) continue;
      this.used -= block.bytes;
      giveBack(this.#free, block);
    }
    arena.blocks.length = 0;
    arena.free.clear();
  }

  /** Takes a free block of the heap, or reserves one. */
  #take(floats: number, arena: Arena | undefined): OwnBlock {
    const bytes = sizeClass(floats * 4);
    const block = this.#free.get(bytes)?.pop() ?? this.#grow(bytes, floats);
    this.used += bytes;
    block.arena = arena;
    arena?.blocks.push(block);
    return block;
  }

  #inUse(block: OwnBlock, floats: number): OwnBlock {
    block.free = false;
    block.kept = false;
    if (block.view.length !== floats) {
      block.view = new Float32Array(block.extent.buffer, block.extent.offset, floats);
      this.#blocks.set(block.view, block);
    }
    return block;
  }

  #grow(bytes: number, floats: number): OwnBlock {
    const extent = this.#reserve(bytes);
    this.reserved += bytes;
    this.#buffers.add(extent.buffer);
    const view = new Float32Array(extent.buffer, extent.offset, floats);
    const block = { address: extent.address, bytes, extent, view, arena: undefined, free: false, kept: false };
    this.#blocks.set(view, block);
    return block;
  }
}

function giveBack(lists: FreeLists, block: OwnBlock): void {
  const list = lists.get(block.bytes);
  if (list) list.push(block);
  else lists.set(block.bytes, [block]);
}

function sizeClass(bytes: number): number {
  if (bytes <= 64) return 64;
  const step = Math.max(64, 2 ** (31 - Math.clz32(bytes - 1) - 3));
  return bytes < 2 ** 31 ? Math.ceil(bytes / step) * step : Math.ceil(bytes / 2 ** 28) * 2 ** 28;
}
