// SPDX-License-Identifier: Apache-2.0
/** A button that acts only when it is held: a touch in passing moves nothing. */

export const HOLD_MS = 800;

export class Hold {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly act: () => void,
    private readonly show: (held: boolean) => void,
  ) {}

  down(): void {
    if (this.timer !== undefined) return;
    this.show(true);
    this.timer = setTimeout(() => {
      this.up();
      this.act();
    }, HOLD_MS);
  }

  /** Let go, move off, or be interrupted: nothing happens. */
  up(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.show(false);
  }
}
