// A copy of an image whose root file system was altered: without root, mount or loop device, by debugfs(8) of e2fsprogs in the file itself.

import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ImagesDocument, imagesDocumentFile } from '../../../images/images-document.ts';
import { partitionNamed } from '../../../images/layout.ts';
import { readDocument } from '../../../lib/documents.ts';
import { run } from '../../../lib/run.ts';

/** The root file system of an image that no machine uses. Paths are absolute inside it. */
export interface RootFileSystem {
  /** Folder of the only deployment; its /etc is the host's. */
  readonly deployment: string;
  /** The kernel and the initramfs that the boot loader loads. */
  readonly kernel: string;
  readonly initramfs: string;
  /** Arguments of the kernel, as OSTree wrote them for the boot loader. */
  kernelArguments(): Promise<string>;
  setKernelArguments(text: string): Promise<void>;
  read(path: string): Promise<Buffer>;
  /** Writes a file of root's; one that was there is replaced. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes a symbolic link. */
  link(path: string, target: string): Promise<void>;
  /** Makes a file that takes all free space but `leftMiB`. */
  fill(path: string, leftMiB: number): Promise<void>;
}

/**
 * Copies the qcow2 image that `images.json` beside it describes to a raw one in `folder`, and lets `alter` change its root file system.
 * @returns path of the raw image
 */
export async function alteredImage(
  image: string,
  folder: string,
  alter: (root: RootFileSystem) => Promise<void>,
): Promise<string> {
  const document = await readDocument<ImagesDocument>(join(dirname(image), imagesDocumentFile), 'images', 1);
  const altered = join(folder, 'image.raw');
  await run(['qemu-img', 'convert', '-O', 'raw', image, altered]);
  const { offset } = partitionNamed(document.disk!, 'root');
  await alter(await openRoot(`${altered}?offset=${offset}`, document, folder));
  return altered;
}

async function openRoot(
  device: string,
  { commit, stateroot }: ImagesDocument,
  folder: string,
): Promise<RootFileSystem> {
  const menu = '/boot/loader.1/syslinux.cfg';
  const scratch = join(folder, 'debugfs-file');
  const debugfs = (...commands: string[]): Promise<string> =>
    runDebugfs(device, commands, join(folder, 'debugfs-commands'));
  const read = async (path: string): Promise<Buffer> => {
    await debugfs(`dump ${path} ${scratch}`);
    return await readFile(scratch);
  };
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await writeFile(scratch, content, { mode: 0o644 });
    const there = (await debugfs(`ls -p ${dirname(path)}`)).includes(`/${path.slice(dirname(path).length + 1)}/`);
    await debugfs(...(there ? [`rm ${path}`] : []), `write ${scratch} ${path}`, ...owner(path));
  };
  const text = (await read(menu)).toString();
  return {
    deployment: `/ostree/deploy/${stateroot}/deploy/${commit.checksum}.0`,
    kernel: /^\s*KERNEL (\S+)/m.exec(text)![1]!,
    initramfs: /^\s*INITRD (\S+)/m.exec(text)![1]!,
    kernelArguments: async () => /^\s*APPEND (.*)$/m.exec((await read(menu)).toString())![1]!,
    setKernelArguments: async (line) => await write(menu, text.replace(/^(\s*APPEND ).*$/m, `$1${line}`)),
    read,
    write,
    remove: async (path) => void (await debugfs(`rm ${path}`)),
    link: async (path, target) => void (await debugfs(`symlink ${path} ${target}`)),
    fill: async (path, leftMiB) => {
      await write(path, '');
      const statistics = await debugfs('show_super_stats -h');
      const free = Number(/^Free blocks:\s+(\d+)/m.exec(statistics)![1]);
      const blockSize = Number(/^Block size:\s+(\d+)/m.exec(statistics)![1]);
      await debugfs(`fallocate ${path} 0 ${free - (leftMiB * 1024 * 1024) / blockSize - 1}`);
    },
  };
}

// A file that is written belongs to whoever writes it, in the image too.
function owner(path: string): string[] {
  return [`set_inode_field ${path} uid 0`, `set_inode_field ${path} gid 0`];
}

/** Exit status 0 whatever happens: what debugfs complains about stands on stderr, below its version. */
async function runDebugfs(device: string, commands: readonly string[], commandFile: string): Promise<string> {
  await writeFile(commandFile, `${commands.join('\n')}\n`);
  const { stdout, stderr } = await run(['debugfs', '-w', '-f', commandFile, device]);
  const complaints = stderr.split('\n').filter((line) => line !== '' && !/^debugfs \d/.test(line));
  if (complaints.length > 0) throw new Error(`debugfs ${commands.join('; ')}: ${complaints.join('; ')}`);
  return stdout;
}
