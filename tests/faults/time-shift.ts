/** Preloaded into a process that is to live later: its `Date` is ahead by TALARIA_TIME_SHIFT_MS. */
const shiftMs = Number(process.env["TALARIA_TIME_SHIFT_MS"] ?? 0);
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [RealDate.now() + shiftMs] : given) as [number]));
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}
globalThis.Date = ShiftedDate as DateConstructor;
