// Remembers where a component wanted to go, in `lightningPage.navigated`.
const Navigate = Symbol('Navigate');
const GenerateUrl = Symbol('GenerateUrl');

export const NavigationMixin = (Base) =>
  class extends Base {
    [Navigate](reference, replace = false) {
      globalThis.lightningPage.navigated.push({ reference, replace });
    }

    [GenerateUrl](reference) {
      return Promise.resolve(`#${encodeURIComponent(JSON.stringify(reference))}`);
    }
  };
NavigationMixin.Navigate = Navigate;
NavigationMixin.GenerateUrl = GenerateUrl;

/** The wire adapter of the page that is open. */
export class CurrentPageReference {
  constructor(emit) {
    this.emit = emit;
  }

  connect() {
    this.emit(globalThis.lightningPage.pageReference);
  }

  update() {}

  disconnect() {}
}
