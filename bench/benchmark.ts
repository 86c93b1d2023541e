/** One of `npm run bench -- <name>`. */
export interface Benchmark {
  /** One line for the list of benchmarks. */
  about: string;
  /**
   * Measures and prints. `size` scales it (see `about`); absent means the size that the figures of README.md were
   * taken with. Resolves to false when a count is wrong, never because of a time.
   */
  run(print: (text: string) => void, size?: number): Promise<boolean>;
}
