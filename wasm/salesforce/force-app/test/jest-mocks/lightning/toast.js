// `lightning/toast` for Jest: remembers what was shown.
export default class Toast {
  static show = jest.fn();
}
