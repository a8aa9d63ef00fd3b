import { readFileSync } from 'node:fs';

/*
 * For `node --import`: a clock on the wall that can be set, without the machine's being touched. At SIGUSR2 it is set to so many
 * milliseconds from the true time as the file of LB_TEST_CLOCK says. The clock that never jumps stays as it is.
 */
const TrueDate = Date;
let ahead = 0;

globalThis.Date = class SettableDate extends TrueDate {
  constructor(...given) {
    if (given.length === 0) super(TrueDate.now() + ahead);
    else super(...given);
  }

  static now() {
    return TrueDate.now() + ahead;
  }
};

process.on('SIGUSR2', () => {
  ahead = Number(readFileSync(process.env.LB_TEST_CLOCK, 'utf8'));
});
