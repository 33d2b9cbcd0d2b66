const operations = { sum: 0, max: 1, min: 2 };
const defaultBucketBytes = 1024 * 1024;

/** Refuses resizable buffers, which could shrink while MPI uses their memory. */
function fixed(array, name) {
  const buffer = array?.buffer;
  if (buffer?.resizable || buffer?.growable) throw new TypeError(`${name} must not use a resizable ArrayBuffer`);
  return array;
}

function operationCode(op) {
  if (Object.hasOwn(operations, op)) return operations[op];
  throw new RangeError(`op must be sum, max or min, got ${String(op)}`);
}

/** The calls in one variant: `call('allreduce')` returns the native function, with promises or blocking. */
function createCalls(call) {
  return {
    barrier: () => call('barrier')(),
    allreduce: (array, { op = 'sum', bucketBytes = defaultBucketBytes } = {}) =>
      call('allreduce')(fixed(array, 'array'), operationCode(op), bucketBytes),
    broadcast: (array, { root = 0 } = {}) => call('broadcast')(fixed(array, 'array'), root),
    allgather: (send, receive) => call('allgather')(fixed(send, 'send'), fixed(receive, 'receive')),
    send: (array, { to, tag = 0 }) => call('send')(fixed(array, 'array'), to, tag),
    receive: (array, { from, tag = 0 }) => call('receive')(fixed(array, 'array'), from, tag),
    sendReceive: ({ send, to, receive, from, tag = 0 }) =>
      call('sendReceive')(fixed(send, 'send'), to, fixed(receive, 'receive'), from, tag),
  };
}

/** The communicator of all ranks of this job, on top of an initialized native addon. */
export function createCommunicator({ native, family }) {
  const promises = rejecting(createCalls((name) => native[name]));
  return {
    family,
    library: native.library().replaceAll('\0', '').trim(),
    rank: native.rank(),
    size: native.size(),
    /** MPI's thread level: 3 is MPI_THREAD_MULTIPLE. */
    threadLevel: native.threadLevel(),
    ...promises,
    finalize: async () => native.finalize(),
    abort: (exitCode = 1) => {
      native.abort(exitCode);
      throw new Error('MPI_Abort returned');
    },
    seconds: () => native.time(),
    sync: createCalls((name) => native[`${name}Sync`]),
  };
}

/** Makes wrong arguments reject instead of throw, so that one `await` catches every failure; promises pass through. */
function rejecting(calls) {
  const guarded = (call) => (first, second) => {
    try {
      return call(first, second);
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, guarded(call)]));
}
