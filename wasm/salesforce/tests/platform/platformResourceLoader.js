// Loads scripts and styles of static resources into the page, each address once.
const loaded = new Map();

export function loadScript(component, address) {
  return once(address, () => {
    const script = document.createElement('script');
    script.src = address;
    return script;
  });
}

export function loadStyle(component, address) {
  return once(address, () => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = address;
    return link;
  });
}

function once(address, make) {
  if (!loaded.has(address)) {
    const element = make();
    loaded.set(
      address,
      new Promise((done, failed) => {
        element.onload = () => done();
        element.onerror = () => failed(new Error(`cannot load ${address}`));
        document.head.append(element);
      }),
    );
  }
  return loaded.get(address);
}
