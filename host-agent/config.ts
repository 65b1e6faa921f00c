// Configuration: JSON fragments /usr/lib/slipway/host.d/*.json and /etc/slipway/host.d/*.json, read in the order of their names; a file in /etc
// replaces one of the same name in /usr. A mistake in them only warns, because a host must go on updating.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface HostSettings {
  /** The daemon ends after so many seconds without a request; systemd starts it again when one comes. */
  readonly idleExitSeconds: number;
  /** A health check that runs longer counts as failed. */
  readonly healthCheckTimeoutSeconds: number;
}

export const defaultSettings: HostSettings = { idleExitSeconds: 30, healthCheckTimeoutSeconds: 120 };

/** Reads and merges all fragments. Warnings name the file and the key. */
export async function loadSettings(
  folders: readonly string[],
): Promise<{ settings: HostSettings; warnings: readonly string[] }> {
  const warnings: string[] = [];
  const settings: { -readonly [Key in keyof HostSettings]: HostSettings[Key] } = { ...defaultSettings };
  for (const file of await mergedFolder(folders, '.json')) {
    for (const [key, value] of Object.entries(await readFragment(file, warnings))) {
      if (!isSettingName(key)) warnings.push(`${file}: there is no setting "${key}"`);
      else if (!isSeconds(value)) warnings.push(`${file}: "${key}" must be a whole number of seconds above 0`);
      else settings[key] = value;
    }
  }
  return { settings, warnings };
}

/** Files with the given ending of all folders, sorted by name; of equal names the one in the last folder counts. */
export async function mergedFolder(folders: readonly string[], suffix = ''): Promise<string[]> {
  const byName = new Map<string, string>();
  for (const folder of folders) {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    for (const name of names) if (name.endsWith(suffix) && !name.startsWith('.')) byName.set(name, join(folder, name));
  }
  return [...byName.keys()].sort().map((name) => byName.get(name)!);
}

async function readFragment(file: string, warnings: string[]): Promise<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)) return { ...parsed };
    warnings.push(`${file}: must hold one JSON object`);
  } catch (error) {
    warnings.push(`${file}: ${(error as Error).message}`);
  }
  return {};
}

function isSettingName(key: string): key is keyof HostSettings {
  return Object.hasOwn(defaultSettings, key);
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}
