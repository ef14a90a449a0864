// Puts a component on the page, in Lightning Web Security's sandbox or without it.
import { createElement } from 'lwc';

/** The namespace of an organization's own components, and so the sandbox's name. */
const NAMESPACE = 'c';

/** Takes what the components may import; they come with the script that is loaded next. */
export function start(modules) {
  // A namespace object's properties cannot be wrapped, those of a copy can.
  const known = Object.fromEntries(
    Object.entries(modules).map(([name, module]) => [name, { __esModule: true, ...module }]),
  );
  globalThis.define = (names, factory) => {
    const { security } = globalThis.lightningPage;
    const run = security ? security.evaluateFunction(NAMESPACE, factory) : factory;
    const exported = {};
    const given = names.map((name) => {
      if (name === 'exports') return exported;
      if (known[name] === undefined) throw new Error(`the page has no ${name}`);
      return security ? security.wrapDependency(known[name], name, NAMESPACE) : known[name];
    });
    run(...given);
    mount(exported);
  };
}

function mount(exported) {
  const { component, properties } = globalThis.lightningPage;
  const tag = component.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const element = createElement(`${NAMESPACE}-${tag}`, { is: exported[component] });
  Object.assign(element, properties);
  document.querySelector('main').append(element);
}
