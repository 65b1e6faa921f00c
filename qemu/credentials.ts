// What a guest is given without baking anything into the image: systemd credentials (systemd.system-credentials(7)) with an ssh key
// for root, the unit that tells how the boot went, and the agent that runs commands.

import { readFileSync } from 'node:fs';
import { strictPolicy } from './base-checks.ts';
import type { Credential } from './machine.ts';

function guestFile(name: string): string {
  return readFileSync(new URL(`./guest/${name}`, import.meta.url), 'utf8');
}

/**
 * Puts the key into root's authorized_keys through systemd-tmpfiles (credential `tmpfiles.extra`, systemd 252 and newer).
 * The home is OSTree's /var/roothome, named directly because tmpfiles runs before the link /root can be trusted to lead anywhere.
 * @param replace overwrites the image's own keys: right on a throw-away overlay only; otherwise a file that exists wins
 */
export function sshKeyCredential(publicKey: string, replace: boolean): Credential {
  const key = Buffer.from(`${publicKey.trim()}\n`).toString('base64');
  const content = [
    'd /var/roothome 0700 root root -',
    'd /var/roothome/.ssh 0700 root root -',
    `${replace ? 'f+~' : 'f~'} /var/roothome/.ssh/authorized_keys 0600 root root - ${key}`,
    '',
  ].join('\n');
  return { name: 'tmpfiles.extra', content };
}

/**
 * Adds slipway-verdict.service, slipway-agent.service and what starts them (systemd-debug-generator(8): `systemd.extra-unit.*`,
 * `systemd.unit-dropin.*`, systemd 256 and newer; an older guest ignores them).
 */
export function guestUnitCredentials(): Credential[] {
  return [
    ...unitWithScript('verdict'),
    ...unitWithScript('agent'),
    {
      name: 'systemd.unit-dropin.default.target~slipway',
      content: '[Unit]\nWants=slipway-verdict.service slipway-agent.service\n',
    },
  ];
}

/** How long guest/verdict.sh waits for a boot that does not move; it knows the strict policy's time itself. */
export function stuckAfterCredential(seconds: number): Credential[] {
  return seconds === strictPolicy.stuckAfterSeconds ? [] : [{ name: 'slipway.stuck-after', content: `${seconds}\n` }];
}

function unitWithScript(name: 'verdict' | 'agent'): Credential[] {
  const unit = `slipway-${name}.service`;
  return [
    { name: `slipway.${name}`, content: guestFile(`${name}.sh`) },
    { name: `systemd.extra-unit.${unit}`, content: guestFile(unit) },
  ];
}
