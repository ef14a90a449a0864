// `lightning/confirm` for Jest: whoever is asked says yes, unless a test mocks another answer.
export default class LightningConfirm {
  static open = jest.fn(() => Promise.resolve(true));
}
