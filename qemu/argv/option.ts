// Values in QEMU's option lists.

/** In QEMU's option lists a comma ends a value and a doubled one stands for itself. */
export function escapeOption(value: string): string {
  return value.replaceAll(',', ',,');
}
