// Loaded before a program, moves its clock: what is run with it must not tell which day it is.
const SECONDS = 31_556_952 * 12 + 86_399;
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + SECONDS * 1000);
    else super(...given);
  }

  static now() {
    return RealDate.now() + SECONDS * 1000;
  }
};
Math.random = () => 0.5;
