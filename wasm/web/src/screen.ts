// What all elements of the page share: drawn into the document itself, drawn anew on `set`.
import { LitElement } from 'lit';
import type { Me } from 'exportgate-shared/shapes.ts';

/**
 * An element with a state. It draws into the document and not into a shadow, so that one style
 * sheet serves all, and labels, descriptions and the browser's own form controls just work.
 */
export abstract class Part<S extends object> extends LitElement {
  protected abstract state: S;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Changes the state and draws. */
  protected set(change: Partial<S>): void {
    Object.assign(this.state, change);
    this.requestUpdate();
  }

  /** Waits until this and what is in it is drawn. */
  protected async drawn(): Promise<void> {
    await this.updateComplete;
  }

  /** Puts the keyboard on the first element that matches, once it is drawn. */
  protected async focusOn(selector: string): Promise<void> {
    await this.drawn();
    this.querySelector<HTMLElement>(selector)?.focus();
  }
}

/** A whole screen. */
export abstract class Screen<S extends object> extends Part<S> {
  me!: Me;

  /** Asks before the screen is left; false keeps it. */
  mayLeave(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
