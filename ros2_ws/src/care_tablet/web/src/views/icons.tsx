// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren, JSX } from 'preact';

function Icon({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const Warning = (): JSX.Element => (
  <Icon>
    <path d="M12 3 22 20H2Z" />
    <path d="M12 9v5M12 16.6v.9" />
  </Icon>
);

const BELL = 'M5 17h14c-1.6-1.7-2-3.4-2-7a5 5 0 0 0-10 0c0 3.600-.4 5.300-2 7ZM10 20h4';

export const Bell = (): JSX.Element => (
  <Icon>
    <path d={BELL} />
  </Icon>
);

/** Audio paused: dashed cross. */
export const BellPaused = (): JSX.Element => (
  <Icon>
    <path d={BELL} />
    <path class="dashed" d="M3 3l18 18M21 3 3 21" />
  </Icon>
);

/** Alarm or audio off: solid cross. */
export const BellOff = (): JSX.Element => (
  <Icon>
    <path d={BELL} />
    <path d="M3 3l18 18M21 3 3 21" />
  </Icon>
);

export const Heart = (): JSX.Element => (
  <Icon>
    <path class="solid" d="M12 20.500C5 15 3 12 3 8.600A4.700 4.700 0 0 1 12 6.700a4.700 4.700 0 0 1 9 1.900c0 3.400-2 6.400-9 11.900Z" />
  </Icon>
);

export const Back = (): JSX.Element => (
  <Icon>
    <path d="M15 4 7 12l8 8" />
  </Icon>
);

export const Person = (): JSX.Element => (
  <Icon>
    <path d="M12 12a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9ZM4 21c.6-4.600 3.600-6.500 8-6.500s7.400 1.900 8 6.500" />
  </Icon>
);

export const Check = (): JSX.Element => (
  <Icon>
    <path d="m4 13 5 5L20 6" />
  </Icon>
);

export const LinkUp = (): JSX.Element => (
  <Icon>
    <path d="M3 9.500a13 13 0 0 1 18 0M6.500 13.500a8 8 0 0 1 11 0M12 18.500h.01" />
  </Icon>
);

export const LinkDown = (): JSX.Element => (
  <Icon>
    <path d="M3 9.500a13 13 0 0 1 18 0M6.500 13.500a8 8 0 0 1 11 0M12 18.500h.01M4 3l16 18" />
  </Icon>
);

export const Robot = (): JSX.Element => (
  <Icon>
    <path d="M5 9h14v10H5ZM12 9V5M9 13h.01M15 13h.01M9.500 16h5M2.500 12v4M21.500 12v4" />
  </Icon>
);

export const WardIcon = (): JSX.Element => (
  <Icon>
    <path d="M3 6v13M3 16h18v3M21 16v-3a3 3 0 0 0-3-3h-7v6M7 13.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z" />
  </Icon>
);

export const HoldIcon = (): JSX.Element => (
  <Icon>
    <path d="M8.200 3h7.600L21 8.200v7.600L15.800 21H8.200L3 15.800V8.200ZM8 12h8" />
  </Icon>
);

/** Somebody raises a hand: a nurse call. */
export const RaisedHand = (): JSX.Element => (
  <Icon>
    <path d="M10 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM4 21v-4.500C4 13.500 6 12 9 12h3c2.500 0 4-1 5-3.500L19.500 3" />
  </Icon>
);
