import { statfsSync } from 'node:fs';

/** Linux `statfs` magic numbers of file systems where several hosts share a file (statfs(2), linux/magic.h). */
const sharedFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x0bd00bd0, 'Lustre'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB 2'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x01021997, '9P'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x20030528, 'OrangeFS'],
  [0xaad7aaea, 'PanFS'],
  [0x73757245, 'Coda'],
  [0x65735546, 'FUSE'],
  [0xbacbacbc, 'a VMware shared folder'],
  [0x786f4256, 'a VirtualBox shared folder'],
]);

/**
 * The name of the shared file system that holds `folder`, or null for a local disk. A write-ahead log needs memory
 * shared between its users, which no network file system provides, so the store avoids it there.
 */
export function sharedFileSystem(
  folder: string,
  statfs: (path: string) => { type: number } = statfsSync,
): string | null {
  if (process.platform !== 'linux') return null;
  try {
    return sharedFileSystems.get(statfs(folder).type >>> 0) ?? null;
  } catch {
    return null;
  }
}
